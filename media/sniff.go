package media

import "strings"

// Format is a kind of image. Only the four constants can be inspected.
type Format string

const (
	JPEG Format = "jpeg"
	PNG  Format = "png"
	WebP Format = "webp"
	HEIC Format = "heic" // HEIC and HEIF: kept and described, not decoded
)

// sniffLen is how many bytes Sniff can make use of.
const sniffLen = 64

// magics are told by their first bytes; '?' stands for any byte.
var magics = []struct {
	prefix string
	format Format
	ok     bool
}{
	{"\xff\xd8\xff", JPEG, true},
	{"\x89PNG\r\n\x1a\n", PNG, true},
	{"RIFF????WEBPVP8", WebP, true},
	{"GIF87a", "gif", false},
	{"GIF89a", "gif", false},
	{"BM????\x00\x00\x00\x00", "bmp", false},
	{"II*\x00", "tiff", false},
	{"MM\x00*", "tiff", false},
	{"II+\x00", "tiff", false},
	{"MM\x00+", "tiff", false},
	{"\xff\x0a", "jxl", false},
	{"\x00\x00\x00\x0cJXL ", "jxl", false},
	{"\x00\x00\x00\x0cjP  ", "jp2", false},
	{"\x00\x00\x01\x00?\x00", "ico", false},
	{"8BPS\x00", "psd", false},
}

// Sniff tells the format by magic bytes; 64 bytes of head are enough. It is
// false for everything but the four supported formats, and then names the
// format if it is an image all the same ("gif", "bmp", "tiff", "avif", …).
func Sniff(head []byte) (Format, bool) {
	for _, m := range magics {
		if hasMagic(head, m.prefix) {
			return m.format, m.ok
		}
	}
	return sniffBrands(head)
}

func hasMagic(head []byte, magic string) bool {
	if len(head) < len(magic) {
		return false
	}
	for i := range len(magic) {
		if magic[i] != '?' && head[i] != magic[i] {
			return false
		}
	}
	return true
}

// sniffBrands reads the brands of an ISO-BMFF file (ISO/IEC 23008-12, annex B).
// "mif1" alone says only that it is a still picture, so that a more telling
// brand among the compatible ones decides.
func sniffBrands(head []byte) (Format, bool) {
	if !hasMagic(head, "????ftyp????") {
		return "", false
	}
	size := int(uint32(head[0])<<24 | uint32(head[1])<<16 | uint32(head[2])<<8 | uint32(head[3]))
	var heif, avif bool
	for i := 8; i+4 <= min(size, len(head), sniffLen); i += 4 {
		if i == 12 { // the minor version, not a brand
			continue
		}
		switch brand := string(head[i : i+4]); {
		case strings.HasPrefix(brand, "hei"), strings.HasPrefix(brand, "hev"):
			return HEIC, true
		case brand == "avif", brand == "avis":
			avif = true
		case brand == "mif1", brand == "msf1":
			heif = true
		}
	}
	switch {
	case avif:
		return "avif", false
	case heif:
		return HEIC, true
	}
	return "", false
}

package media

import "testing"

func TestSniff(t *testing.T) {
	for _, c := range []struct {
		says, head string
		want       Format
		ok         bool
	}{
		{"a JPEG", "\xff\xd8\xff\xe0", JPEG, true},
		{"a PNG", "\x89PNG\r\n\x1a\n\x00", PNG, true},
		{"a WebP", "RIFF\x10\x00\x00\x00WEBPVP8L", WebP, true},
		{"a HEIC of a phone", "\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic", HEIC, true},
		{"a HEIF of unsaid coding", "\x00\x00\x00\x14ftypmif1\x00\x00\x00\x00mif1", HEIC, true},
		{"an AVIF", "\x00\x00\x00\x1cftypavif\x00\x00\x00\x00mif1miaf", "avif", false},
		{"an AVIF that calls itself mif1", "\x00\x00\x00\x18ftypmif1\x00\x00\x00\x00avifmiaf", "avif", false},
		{"a video", "\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isommp42", "", false},
		{"brands behind the end of ftyp do not count", "\x00\x00\x00\x10ftypisom\x00\x00\x02\x00heicheic", "", false},
		{"a GIF", "GIF89a\x01\x00", "gif", false},
		{"a BMP", "BM\x36\x00\x0c\x00\x00\x00\x00\x00\x36", "bmp", false},
		{"a word that begins like a BMP", "BMW is a car maker", "", false},
		{"a TIFF", "II*\x00\x08\x00\x00\x00", "tiff", false},
		{"another TIFF", "MM\x00*\x00\x00\x00\x08", "tiff", false},
		{"a PDF", "%PDF-1.7", "", false},
		{"a zip", "PK\x03\x04", "", false},
		{"HTML", "<!doctype html><img src=x>", "", false},
		{"a sound", "RIFF\x10\x00\x00\x00WAVEfmt ", "", false},
		{"a JPEG behind other bytes", "\x00\xff\xd8\xff\xe0", "", false},
		{"two bytes", "\xff\xd8", "", false},
		{"nothing", "", "", false},
	} {
		if got, ok := Sniff([]byte(c.head)); got != c.want || ok != c.ok {
			t.Errorf("%s: %q, %v", c.says, got, ok)
		}
	}
}

func FuzzSniff(f *testing.F) {
	f.Add([]byte("\x00\x00\x00\x18ftypmif1\x00\x00\x00\x00avif"))
	f.Add([]byte("RIFF\x10\x00\x00\x00WEBPVP8L"))
	f.Fuzz(func(t *testing.T, head []byte) {
		format, ok := Sniff(head)
		if long, _ := Sniff(append(head[:min(len(head), sniffLen):min(len(head), sniffLen)], "tail"...)); len(head) >= sniffLen && long != format {
			t.Errorf("%q, and %q from the first %d bytes", format, long, sniffLen)
		}
		if known := format == JPEG || format == PNG || format == WebP || format == HEIC; known != ok {
			t.Errorf("%q, %v", format, ok)
		}
	})
}

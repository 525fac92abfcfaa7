// Package media reads photographs that come from outside and makes the small
// pictures shown in lists. It trusts nothing in a file: types are told by magic
// bytes, sizes by headers before any pixel is decoded, and a broken or hostile
// file gives an [Error], never a panic.
//
//	info, err := media.Inspect(file, media.DefaultLimits())
//	pictures, truncated, err := media.Derive(ctx, file, info, media.EvidenceSizes())
package media

import "fmt"

// Codes of [Error]. They are part of the protocol and never change.
const (
	TooLarge          = "too_large"          // more bytes than Limits.MaxBytes
	TooManyPixels     = "too_many_pixels"    // larger, as declared, than Limits allow
	NotAnImage        = "not_an_image"       // text, an archive, a document, nothing at all
	Truncated         = "truncated"          // the file ends before its picture does
	UnsupportedFormat = "unsupported_format" // an image of a kind or variant not decoded here
	HashMismatch      = "hash_mismatch"      // for callers that compare Info.SHA256 with a promise
	BrokenImage       = "broken_image"       // the right magic bytes, but what follows is wrong
)

// Error is a refusal with a code that never changes, for programs, and a
// message for people. Errors of reading and of contexts are passed on as they are.
type Error struct{ Code, Message string }

func (e Error) Error() string { return e.Code + ": " + e.Message }

func refuse(code, format string, args ...any) error {
	return Error{code, fmt.Sprintf(format, args...)}
}

// Limits bound what a file may cost. They are checked against headers alone.
type Limits struct {
	MaxBytes      int64 // of the file
	MaxPixels     int64 // width × height
	MaxPixelsFull int64 // the same for PNG, WebP and progressive JPEG, which take 4 to 12 bytes a pixel to decode
	MaxSide       int   // pixels of the longer side
}

// DefaultLimits suit phone cameras up to 100 megapixels: 30 MiB, 100 million
// pixels, 50 million where decoding is expensive. JPEG could say 65,535 a side;
// 32,768 holds every phone panorama and leaves no room for absurd strips.
func DefaultLimits() Limits {
	return Limits{MaxBytes: 30 << 20, MaxPixels: 100e6, MaxPixelsFull: 50e6, MaxSide: 32768}
}

func (l Limits) check(f Format, h header) error {
	pixels, most := int64(h.width)*int64(h.height), l.MaxPixels
	if f == PNG || f == WebP || h.progressive {
		most = min(most, l.MaxPixelsFull)
	}
	if pixels > most || max(h.width, h.height) > l.MaxSide {
		return refuse(TooManyPixels, "%d×%d pixels; the limit is %d pixels, %d a side", h.width, h.height, most, l.MaxSide)
	}
	return nil
}

// Package uploads takes photographs from phones over links that break: tus 1.0
// (https://tus.io/protocols/resumable-upload) by tusd, and whole files by PUT.
// What has arrived of an upload is a part: a file with its bytes and a small
// file beside it that says whose they are. Parts survive a restart and a long
// pause. A part leaves this package only to a [Keeper], which tells whether the
// bytes are safe; until it does, the phone keeps its copy.
package uploads

import (
	"fmt"
	"time"

	"gridwalk/access"
)

// Caller is an officer on an enrolled device.
type Caller struct {
	access.Caller
	Device string
}

// Part is an upload that has begun.
type Part struct {
	ID      string    `json:"id"`
	Officer string    `json:"officer"`
	Device  string    `json:"device"`
	SHA256  string    `json:"sha256"` // of the whole, lower-case hex, as the phone says
	Size    int64     `json:"size"`   // of the whole, bytes
	Touched time.Time `json:"touched"`
	// Verified: all bytes are on the disk and SHA256 is their hash.
	Verified bool `json:"verified"`
}

// Limits bound what phones may leave on the server's disk.
type Limits struct {
	MaxBytes  int64         // of one upload
	PerDevice int           // uploads of one device that are not finished
	Total     int64         // bytes that all parts may take, as announced
	MinFree   int64         // bytes that must stay free on the disk
	Keep      time.Duration // how long a part is kept after its last chunk
}

// DefaultLimits suit a small machine: 64 open uploads a device, 8 GiB of parts,
// half a gigabyte left free, and nine days for an officer who comes back after
// a week.
func DefaultLimits() Limits {
	return Limits{MaxBytes: 30 << 20, PerDevice: 64, Total: 8 << 30, MinFree: 512 << 20, Keep: 9 * 24 * time.Hour}
}

// States of a photograph, as a phone is told.
const (
	Safe     = "safe"     // on the server's disk, whole, with its record
	Waiting  = "waiting"  // whole, but no record asks for it yet
	Rejected = "rejected" // on the server's disk, but not taken as evidence: see the reason
)

// Outcome is what became of a photograph.
type Outcome struct {
	State  string `json:"state"`            // empty: the server knows nothing of it
	Reason string `json:"reason,omitempty"` // of a rejection
}

// Keeper takes whole photographs over.
type Keeper interface {
	// Keep gives the bytes of a verified part, which are in the file path, to
	// every record of its officer that waits for them. When it answers Safe or
	// Rejected, the part is not needed any more.
	Keep(part Part, path string) (Outcome, error)
	// Refuse keeps the bytes of a part that are not the ones announced where an
	// admin finds them. found is their SHA-256.
	Refuse(part Part, path, found string) error
	// Known tells what the server has of a photograph without any part: only of
	// what the caller may see, so that it tells a stranger nothing.
	Known(caller Caller, sha256 string) (Outcome, error)
}

// Codes of [Error]. They are part of the protocol and never change.
const (
	TooLarge     = "too_large"
	HashMismatch = "hash_mismatch"
	Truncated    = "truncated"
	Quota        = "quota"
	StorageFull  = "storage_full"
	NotFound     = "not_found"
)

// Error is a refusal with a code that never changes, for programs, and a
// message for people.
type Error struct {
	Status  int    `json:"-"` // of the HTTP answer
	Code    string `json:"error"`
	Message string `json:"message"`
}

func (e *Error) Error() string { return e.Code + ": " + e.Message }

func refuse(status int, code, format string, args ...any) *Error {
	return &Error{status, code, fmt.Sprintf(format, args...)}
}

package phone

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// What a sync may end with. In every case but ErrErased nothing is lost, and
// the next sync goes on where this one stopped.
var (
	// ErrNetwork: no answer, or one that is not the server's (a captive portal,
	// a body cut short).
	ErrNetwork = errors.New("no usable answer from the server")
	// ErrBusy: the server is overloaded or its disk is full.
	ErrBusy = errors.New("the server takes nothing now")
	// ErrSignIn: the token expired. The officer signs in again, some day.
	ErrSignIn = errors.New("sign in again")
	// ErrUpgrade: the app is too old to pull. Everything was pushed.
	ErrUpgrade = errors.New("this app is too old to read from the server")
	// ErrErased: the device was revoked, or without contact for too long, and
	// everything on it is erased. What it had not sent is sealed to the server,
	// and sent by this and every further sync.
	ErrErased = errors.New("this device was erased")
	// ErrGap: the server lost more than the sent log goes back. Enrol the device
	// anew: its outbox is then numbered from 1.
	ErrGap = errors.New("the server misses more than this phone still knows")
)

// Refused is an answer that says no in the words of the protocol. Sync deals
// with those that it can; the others are a fault of the app, or tell of a device
// or an officer who may not sync.
type Refused struct {
	Status     int    `json:"-"`
	Code       string `json:"error"`
	Message    string `json:"message"`
	Wipe       bool   `json:"wipe"`
	ResumeFrom *int64 `json:"resume_from"`
}

func (r *Refused) Error() string { return fmt.Sprintf("%d %s: %s", r.Status, r.Code, r.Message) }

// busy asks for another attempt after a while.
type busy struct {
	Refused
	after time.Duration
}

func (b *busy) Unwrap() error { return ErrBusy }

// isCode tells whether err is a refusal with one of the codes.
func isCode(err error, codes ...string) bool {
	var r *Refused
	return errors.As(err, &r) && slices.Contains(codes, r.Code)
}

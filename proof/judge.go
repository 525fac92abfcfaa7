package proof

import (
	"crypto/ecdsa"
	"time"
)

// Status is what became of a check-in's proof. None refuses the record.
type Status string

// Statuses of a proof.
const (
	Verified    Status = "verified"
	Unsigned    Status = "unsigned"     // none came with the check-in
	BrokenChain Status = "broken_chain" // its predecessor is not here, has another successor, or its nonce does not fit its time
	UnknownKey  Status = "unknown_key"  // the device has no approved key
	Altered     Status = "altered"      // unreadable, signed by another key, or of another check-in
)

// Chain is what the server knows of a device's other proofs.
type Chain struct {
	HasPrevious bool // the proof that this one names is here, of the same device, and signed by its key
	Taken       bool // another proof names the same predecessor, or claims to be the first as well
}

// Judge gives the status of a proof beside the check-in as the server received
// it: of want only Previous, Nonce and Mono are not compared, because nothing
// but the proof carries them. A nil key is one that nobody approved. BrokenChain
// is to be judged again when another proof of the device arrives.
func Judge(text string, want Content, key *ecdsa.PublicKey, chain Chain, nonces Nonces) Status {
	if text == "" {
		return Unsigned
	}
	if key == nil {
		return UnknownKey
	}
	p, err := Parse(text)
	if err != nil || !p.SignedBy(key) || !same(p.Content, want) {
		return Altered
	}
	given, ok := nonces.Time(p.Content.Nonce, p.Content.Device)
	if !ok {
		return Altered
	}
	if chain.Taken || p.Content.Previous != "" && !chain.HasPrevious || !fits(given, p.Content) {
		return BrokenChain
	}
	return Verified
}

func same(a, b Content) bool {
	fix := a.Fix == nil && b.Fix == nil || a.Fix != nil && b.Fix != nil && *a.Fix == *b.Fix
	return fix && a.Record == b.Record && a.Officer == b.Officer && a.Device == b.Device && a.Captured == b.Captured
}

// Limits between the time of a nonce (the server's clock) and of the check-in
// (the phone's). How late the proof arrives does not matter.
const (
	MaxNonceAge = 30 * 24 * time.Hour // a phone may be without signal for long
	clockSkew   = 5 * time.Minute
)

// fits tells whether a proof was made within the age of its nonce. A phone that
// ran since the pull says by a clock that does not jump how long that was ago,
// so that a wrong clock of its own breaks nothing; one that was restarted has
// only its clock.
func fits(given time.Time, c Content) bool {
	if c.Mono >= 0 {
		return c.Mono <= MaxNonceAge.Milliseconds()
	}
	age := time.UnixMilli(c.Captured).Sub(given)
	return age >= -clockSkew && age <= MaxNonceAge
}

// Package parcel seals what a lost phone has not sent, so that its work is not
// lost and whoever finds it cannot read it. The phone knows the public key
// only; the server keeps the private one.
//
// A parcel is HPKE (RFC 9180) in base mode with DHKEM(P-256, HKDF-SHA256),
// HKDF-SHA256 and AES-256-GCM: the encapsulated key, 65 bytes, and the
// ciphertext. Nothing in it proves who sealed it.
package parcel

import (
	"bytes"
	"crypto/ecdh"
	"crypto/hpke"
	"encoding/json"
	"errors"
	"fmt"
)

// MaxSize is how many bytes a sealed parcel has at most. Longer photographs are
// not saved.
const MaxSize = 8 << 20

// MaxParcels is how many parcels a phone seals at most, those of mutations
// first, then photographs, the oldest first.
const MaxParcels = 64

// Kinds of parcels.
const (
	Push  = "push"  // the body of a push: {"mutations": […]}
	Photo = "photo" // the bytes of a photograph
)

// Head says what a parcel holds. In the plaintext it is a line of JSON before
// the content.
type Head struct {
	Kind   string `json:"kind"`
	SHA256 string `json:"sha256,omitempty"` // of a photograph, in hex
}

var (
	// ErrSealed: not sealed to this key for this device, or damaged.
	ErrSealed = errors.New("the parcel does not open with this key for this device")
	// ErrContent: it opens, and what is in it is no parcel.
	ErrContent = errors.New("what was sealed is no parcel")
)

var (
	kem  = hpke.DHKEM(ecdh.P256())
	kdf  = hpke.HKDFSHA256()
	aead = hpke.AES256GCM()
)

// info binds a parcel to the device that sealed it.
func info(device string) []byte { return []byte("gridwalk parcel 1 " + device) }

// NewKey makes a key pair: the private key of 32 bytes, and the public one as an
// uncompressed point of 65 bytes.
func NewKey() (private, public []byte, err error) {
	key, err := kem.GenerateKey()
	if err != nil {
		return nil, nil, fmt.Errorf("make a key for parcels: %w", err)
	}
	if private, err = key.Bytes(); err != nil {
		return nil, nil, fmt.Errorf("make a key for parcels: %w", err)
	}
	return private, key.PublicKey().Bytes(), nil
}

// Seal seals a parcel of a device to a public key.
func Seal(public []byte, device string, head Head, content []byte) ([]byte, error) {
	key, err := kem.NewPublicKey(public)
	if err != nil {
		return nil, fmt.Errorf("read the key for parcels: %w", err)
	}
	line, err := json.Marshal(head)
	if err != nil {
		return nil, fmt.Errorf("write the head of a parcel: %w", err)
	}
	sealed, err := hpke.Seal(key, kdf, aead, info(device), append(append(line, '\n'), content...))
	if err != nil {
		return nil, fmt.Errorf("seal a parcel: %w", err)
	}
	return sealed, nil
}

// Open opens a parcel of a device. The error is ErrSealed or ErrContent.
func Open(private []byte, device string, sealed []byte) (Head, []byte, error) {
	var head Head
	key, err := kem.NewPrivateKey(private)
	if err != nil {
		return head, nil, fmt.Errorf("read the key for parcels: %w", err)
	}
	plain, err := hpke.Open(key, kdf, aead, info(device), sealed)
	if err != nil {
		return head, nil, fmt.Errorf("%w: %w", ErrSealed, err)
	}
	line, content, found := bytes.Cut(plain, []byte("\n"))
	if !found || json.Unmarshal(line, &head) != nil || head.Kind != Push && head.Kind != Photo {
		return Head{}, nil, ErrContent
	}
	return head, content, nil
}

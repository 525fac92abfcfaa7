// Package seal keeps what is said of people unreadable to whoever finds the
// database: values are sealed with AES-256-GCM under data keys, and data keys
// are wrapped by a master key that the database never holds.
package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
)

// Reasons why something stays sealed.
var (
	// ErrUnknownKey: it was sealed under a data key that is not at hand.
	ErrUnknownKey = errors.New("sealed under a key that is not known here")
	// ErrAltered: it was changed since, or belongs to another place.
	ErrAltered = errors.New("sealed value was altered or moved")
)

// KeySize is the length of master and data keys in bytes.
const KeySize = 32

// prefix begins every sealed value; then come the id of its key, a colon, and
// nonce, ciphertext and tag in base64.
const prefix = "gws1:"

// IDSize is the number of characters of a key's id.
const IDSize = 12

// IsSealed tells whether a text is a sealed value.
func IsSealed(text string) bool {
	return strings.HasPrefix(text, prefix) && len(text) > len(prefix)+IDSize && text[len(prefix)+IDSize] == ':'
}

// KeyOf gives the id of the key that a sealed value needs.
func KeyOf(sealed string) string {
	if !IsSealed(sealed) {
		return ""
	}
	return sealed[len(prefix) : len(prefix)+IDSize]
}

// Key seals and opens values. Its nonces are random, so it should be rotated
// before it has sealed 2^32 of them.
type Key struct {
	id   string
	aead cipher.AEAD
}

// NewKey makes a key of KeySize random bytes, known by an id of IDSize letters
// and digits.
func NewKey(id string, secret []byte) (*Key, error) {
	if len(id) != IDSize || strings.Contains(id, ":") {
		return nil, fmt.Errorf("a key's id is %d characters, not %q", IDSize, id)
	}
	aead, err := gcm(secret)
	if err != nil {
		return nil, err
	}
	return &Key{id, aead}, nil
}

func gcm(secret []byte) (cipher.AEAD, error) {
	if len(secret) != KeySize {
		return nil, fmt.Errorf("a key is %d bytes, not %d", KeySize, len(secret))
	}
	block, err := aes.NewCipher(secret)
	if err != nil {
		return nil, fmt.Errorf("make a cipher: %w", err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, fmt.Errorf("make a cipher: %w", err)
	}
	return aead, nil
}

// ID names the key.
func (k *Key) ID() string { return k.id }

// Seal seals a value for one place, such as one field of one record: it opens
// nowhere else.
func (k *Key) Seal(plain []byte, place string) string {
	raw := k.aead.Seal(nil, nil, plain, []byte(place))
	out := make([]byte, 0, len(prefix)+IDSize+1+base64.RawStdEncoding.EncodedLen(len(raw)))
	out = append(append(append(out, prefix...), k.id...), ':')
	return string(base64.RawStdEncoding.AppendEncode(out, raw))
}

// Open opens what Seal sealed for the same place; otherwise it fails with
// ErrUnknownKey or ErrAltered.
func (k *Key) Open(sealed, place string) ([]byte, error) {
	if KeyOf(sealed) != k.id {
		return nil, ErrUnknownKey
	}
	raw, err := base64.RawStdEncoding.DecodeString(sealed[len(prefix)+IDSize+1:])
	if err != nil {
		return nil, ErrAltered
	}
	plain, err := k.aead.Open(nil, nil, raw, []byte(place))
	if err != nil {
		return nil, ErrAltered
	}
	return plain, nil
}

// Index turns values into words by which they are found again: who does not
// have its secret learns nothing from them.
type Index []byte

// Word gives 32 hex digits for a value of a kind, such as a telephone number,
// and none for an empty one. Write the value in one way before: see Digits.
func (x Index) Word(kind, value string) string {
	if value == "" {
		return ""
	}
	mac := hmac.New(sha256.New, x)
	mac.Write([]byte(kind + "\x00" + value))
	return hex.EncodeToString(mac.Sum(nil)[:16])
}

// Digits is a telephone number as it is dialled within China: digits only,
// without the prefix 86 of the country before a mobile number.
func Digits(phone string) string {
	digits := strings.Map(func(r rune) rune {
		switch {
		case '0' <= r && r <= '9':
			return r
		case '０' <= r && r <= '９':
			return r - '０' + '0'
		}
		return -1
	}, phone)
	digits = strings.TrimPrefix(digits, "00")
	if len(digits) == 13 && strings.HasPrefix(digits, "861") {
		return digits[2:]
	}
	return digits
}

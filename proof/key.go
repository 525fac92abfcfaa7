package proof

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"encoding/json"
	"errors"
)

// ErrBadKey: the text is no public P-256 key as JWK (RFC 7517, RFC 7518 §6.2).
var ErrBadKey = errors.New("not a public P-256 key in JWK form")

type jwk struct {
	Kty string `json:"kty"`
	Crv string `json:"crv"`
	X   string `json:"x"`
	Y   string `json:"y"`
	D   string `json:"d,omitempty"`
}

// ParseKey reads a device's public key. A private key is refused, so that none
// is ever stored; members that WebCrypto adds (ext, key_ops) are passed over.
func ParseKey(text []byte) (*ecdsa.PublicKey, error) {
	var k jwk
	if err := json.Unmarshal(text, &k); err != nil || k.Kty != "EC" || k.Crv != "P-256" || k.D != "" {
		return nil, ErrBadKey
	}
	x, errX := encoding.DecodeString(k.X)
	y, errY := encoding.DecodeString(k.Y)
	if errX != nil || errY != nil || len(x) != 32 || len(y) != 32 {
		return nil, ErrBadKey
	}
	key, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), append(append([]byte{4}, x...), y...))
	if err != nil {
		return nil, ErrBadKey
	}
	return key, nil
}

// FormatKey writes a public key as JWK.
func FormatKey(key *ecdsa.PublicKey) ([]byte, error) {
	point, err := key.Bytes()
	if err != nil || len(point) != 65 {
		return nil, ErrBadKey
	}
	return json.Marshal(jwk{Kty: "EC", Crv: "P-256", X: encoding.EncodeToString(point[1:33]), Y: encoding.EncodeToString(point[33:])})
}

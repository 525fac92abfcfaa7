// Package proof reads and judges signed check-ins: a JWS (ES256, compact form)
// that a phone makes offline over what it recorded. docs/proof.md says how to
// make one. The package is pure: keys, records and the chain are parameters.
package proof

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"strings"

	"github.com/golang-jwt/jwt/v5"
)

// Content is what a check-in's proof says. Times are Unix milliseconds.
type Content struct {
	Version  int    `json:"v"`        // 1
	Record   string `json:"record"`   // id of the check-in
	Officer  string `json:"officer"`  // id
	Device   string `json:"device"`   // id
	Captured int64  `json:"captured"` // by the phone's clock
	Mono     int64  `json:"mono"`     // milliseconds since the pull that gave the nonce, -1 when the phone was restarted since
	Fix      *Fix   `json:"fix"`      // null without a fix
	Previous string `json:"prev"`     // Hash of the device's proof before; "" for its first
	Nonce    string `json:"nonce"`    // handed out by the last pull
}

// Fix is a position as the phone sends it: degrees and metres of Datum.
type Fix struct {
	Lat      float64 `json:"lat"`
	Lng      float64 `json:"lng"`
	Accuracy float64 `json:"acc_m"`
	Datum    string  `json:"datum"`
	Source   string  `json:"loc_src"`
}

// Proof is one that was read, and not yet believed.
type Proof struct {
	Content   Content
	signed    string // header and payload, as they were signed
	signature []byte
}

// MaxLength is the longest proof in bytes that is read.
const MaxLength = 4096

// ErrMalformed: the text is no ES256 proof of version 1.
var ErrMalformed = errors.New("malformed proof")

type header struct {
	Alg string `json:"alg"`
	Typ string `json:"typ"`
}

const (
	algorithm     = "ES256"
	mediaType     = "gridwalk-checkin"
	signatureSize = 64 // r and s of P-256, RFC 7518 §3.4
)

var encoding = base64.RawURLEncoding.Strict()

// Parse reads a proof and believes nothing. The header can choose neither
// algorithm nor key: it is exactly ES256 and our type, without other members.
func Parse(text string) (Proof, error) {
	parts := strings.Split(text, ".")
	if len(text) > MaxLength || len(parts) != 3 || strings.ContainsAny(text, "\r\n") {
		return Proof{}, ErrMalformed
	}
	p := Proof{signed: parts[0] + "." + parts[1]}
	var h header
	if err := errors.Join(decode(parts[0], &h), decode(parts[1], &p.Content)); err != nil {
		return Proof{}, ErrMalformed
	}
	signature, err := encoding.DecodeString(parts[2])
	if err != nil || len(signature) != signatureSize || h != (header{algorithm, mediaType}) || p.Content.Version != 1 {
		return Proof{}, ErrMalformed
	}
	p.signature = signature
	return p, nil
}

func decode(part string, into any) error {
	raw, err := encoding.DecodeString(part)
	if err != nil {
		return err
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return ErrMalformed
	}
	return nil
}

// Hash names a proof in the one that follows it: SHA-256 in base64url over
// header and payload. The signature is left out, because of each ECDSA
// signature anybody can make a second valid one.
func (p Proof) Hash() string {
	sum := sha256.Sum256([]byte(p.signed))
	return encoding.EncodeToString(sum[:])
}

// SignedBy tells whether the holder of the key made the proof.
func (p Proof) SignedBy(key *ecdsa.PublicKey) bool {
	return jwt.SigningMethodES256.Verify(p.signed, p.signature, key) == nil
}

// Sign makes the proof of a check-in.
func Sign(c Content, key *ecdsa.PrivateKey) (string, error) {
	c.Version = 1
	head, err := json.Marshal(header{algorithm, mediaType})
	if err != nil {
		return "", err
	}
	payload, err := json.Marshal(c)
	if err != nil {
		return "", err
	}
	signed := encoding.EncodeToString(head) + "." + encoding.EncodeToString(payload)
	signature, err := jwt.SigningMethodES256.Sign(signed, key)
	if err != nil {
		return "", err
	}
	return signed + "." + encoding.EncodeToString(signature), nil
}

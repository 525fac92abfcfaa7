package phone

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"time"
)

// Renew gets a new token of the officer by the signature of the phone's key,
// after however long; use it in Options.Renew. A device that was revoked is
// Refused with the code device_revoked.
func Renew(ctx context.Context, transport http.RoundTripper, url, device string, key *ecdsa.PrivateKey) (string, error) {
	var given struct {
		Challenge string `json:"challenge"`
	}
	if err := postJSON(ctx, transport, url+"/api/devices/challenge", map[string]string{"device": device}, &given); err != nil {
		return "", err
	}
	assertion, err := signJSON(map[string]string{"alg": "ES256", "typ": "JWT"},
		map[string]string{"sub": device, "aud": "gridwalk token", "challenge": given.Challenge}, key)
	if err != nil {
		return "", err
	}
	var answer struct {
		Token string `json:"token"`
	}
	if err := postJSON(ctx, transport, url+"/api/devices/token", map[string]string{"assertion": assertion}, &answer); err != nil {
		return "", err
	}
	return answer.Token, nil
}

func postJSON(ctx context.Context, transport http.RoundTripper, url string, body, answer any) error {
	raw, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("write request: %w", err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(raw))
	if err != nil {
		return fmt.Errorf("ask %s: %w", url, err)
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := transport.RoundTrip(request)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNetwork, err)
	}
	defer response.Body.Close()
	if raw, err = unpack(response); err != nil {
		return fmt.Errorf("%w: %w", ErrNetwork, err)
	}
	if response.StatusCode != http.StatusOK {
		return refused(response, raw)
	}
	if err := json.Unmarshal(raw, answer); err != nil {
		return fmt.Errorf("%w: %w", ErrNetwork, err)
	}
	return nil
}

// signJSON makes a JWS in compact form (RFC 7515) by ES256.
func signJSON(header, payload any, key *ecdsa.PrivateKey) (string, error) {
	head, err := json.Marshal(header)
	if err != nil {
		return "", fmt.Errorf("write a header: %w", err)
	}
	body, err := json.Marshal(payload)
	if err != nil {
		return "", fmt.Errorf("write a payload: %w", err)
	}
	encode := base64.RawURLEncoding.EncodeToString
	signed := encode(head) + "." + encode(body)
	sum := sha256.Sum256([]byte(signed))
	r, s, err := ecdsa.Sign(rand.Reader, key, sum[:])
	if err != nil {
		return "", fmt.Errorf("sign: %w", err)
	}
	signature := make([]byte, 64)
	r.FillBytes(signature[:32])
	s.FillBytes(signature[32:])
	return signed + "." + encode(signature), nil
}

// fix is a position in a proof, see docs/proof.md.
type fix struct {
	Lat      float64 `json:"lat"`
	Lng      float64 `json:"lng"`
	Accuracy float64 `json:"acc_m"`
	Datum    string  `json:"datum"`
	Source   string  `json:"loc_src"`
}

// content is what a proof of a check-in says, see docs/proof.md.
type content struct {
	Version  int    `json:"v"`
	Record   string `json:"record"`
	Officer  string `json:"officer"`
	Device   string `json:"device"`
	Captured int64  `json:"captured"`
	Mono     int64  `json:"mono"`
	Fix      *fix   `json:"fix"`
	Previous string `json:"prev"`
	Nonce    string `json:"nonce"`
}

// signed gives a check-in with its proof, and with the time that it proves. Until
// there is a key and a pull has handed out a nonce, it stays as it is.
func (c *Client) signed(m *meta, record string, set map[string]any) (map[string]any, error) {
	if c.o.Key == nil || m.Nonce == "" {
		return set, nil
	}
	out := maps.Clone(set)
	if out == nil {
		out = map[string]any{}
	}
	now := c.o.Now()
	captured := now
	if text, ok := out["captured_at"].(string); ok {
		at, err := time.Parse(time.RFC3339Nano, strings.Replace(text, " ", "T", 1))
		if err != nil {
			return nil, fmt.Errorf("read captured_at: %w", err)
		}
		captured = at
	} else {
		out["captured_at"] = now.UTC().Format("2006-01-02 15:04:05.000Z")
	}
	if out["officer"] == nil {
		out["officer"] = c.o.Officer
	}
	said := content{Version: 1, Record: record, Device: c.o.Device, Captured: captured.UnixMilli(), Mono: -1, Previous: m.Proof, Nonce: m.Nonce}
	said.Officer, _ = out["officer"].(string)
	c.mu.Lock()
	if !c.pulled.IsZero() {
		said.Mono = now.Sub(c.pulled).Milliseconds()
	}
	c.mu.Unlock()
	if lat, ok := out["lat"].(float64); ok {
		said.Fix = &fix{Lat: lat}
		said.Fix.Lng, _ = out["lng"].(float64)
		said.Fix.Accuracy, _ = out["acc_m"].(float64)
		said.Fix.Datum, _ = out["datum"].(string)
		said.Fix.Source, _ = out["loc_src"].(string)
	}
	text, err := signJSON(map[string]string{"alg": "ES256", "typ": "gridwalk-checkin"}, said, c.o.Key)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256([]byte(text[:strings.LastIndexByte(text, '.')]))
	m.Proof = base64.RawURLEncoding.EncodeToString(sum[:])
	out["proof"] = text
	return out, nil
}

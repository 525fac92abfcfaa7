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
	"net/http"
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

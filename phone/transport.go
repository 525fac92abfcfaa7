package phone

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"time"
)

// maxAnswer bounds what an answer may take of the phone's memory.
const maxAnswer = 64 << 20

// ask posts one request, and again after a while when the network or the
// server fails, up to the attempts that the options allow.
func (c *Client) ask(ctx context.Context, path string, body, answer any) error {
	renewed := false
	for attempt := 0; ; attempt++ {
		err := c.post(ctx, path, body, answer)
		if errors.Is(err, ErrSignIn) && c.o.Renew != nil && !renewed {
			renewed = true
			if err := c.o.Renew(ctx); err != nil {
				return err
			}
			continue
		}
		if !errors.Is(err, ErrNetwork) && !errors.Is(err, ErrBusy) {
			return err
		}
		if attempt+1 >= c.o.Attempts || ctx.Err() != nil {
			return err
		}
		if err := c.o.Sleep(ctx, c.delay(attempt, err)); err != nil {
			return err
		}
	}
}

const (
	firstDelay = time.Second
	maxDelay   = 5 * time.Minute
)

// delay is how long to wait before the next attempt: it doubles, a random part
// keeps a whole county from coming back at the same moment, and it is never
// shorter than what the server asked for.
func (c *Client) delay(attempt int, err error) time.Duration {
	longest := min(firstDelay<<min(attempt, 20), maxDelay)
	wait := longest/2 + time.Duration(c.o.Random()*float64(longest/2))
	var b *busy
	if errors.As(err, &b) && b.after > 0 {
		wait += b.after
	}
	return wait
}

// post sends one request and reads its answer. What is not an answer of a
// gridwalk server is ErrNetwork.
func (c *Client) post(ctx context.Context, path string, body, answer any) error {
	packed, err := pack(body)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.o.URL+path, bytes.NewReader(packed))
	if err != nil {
		return fmt.Errorf("ask %s: %w", path, err)
	}
	request.Header.Set("Authorization", c.o.Token())
	request.Header.Set("X-Gridwalk-Device", c.o.Device)
	if m, err := c.meta(); err == nil {
		request.Header.Set("X-Gridwalk-Outbox", strconv.FormatInt(m.Made-m.Handled, 10))
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Content-Encoding", "gzip")
	request.Header.Set("Accept-Encoding", "gzip")
	response, err := c.o.Transport.RoundTrip(request)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNetwork, err)
	}
	defer response.Body.Close()
	raw, err := unpack(response)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNetwork, err)
	}
	if response.StatusCode == http.StatusOK {
		if err := strictly(raw, answer); err != nil {
			return fmt.Errorf("%w: %w", ErrNetwork, err)
		}
		return nil
	}
	return refused(response, raw)
}

// pack writes a body as gzipped JSON.
func pack(body any) ([]byte, error) {
	var packed bytes.Buffer
	zip := gzip.NewWriter(&packed)
	if err := json.NewEncoder(zip).Encode(body); err != nil {
		return nil, fmt.Errorf("write request: %w", err)
	}
	if err := zip.Close(); err != nil {
		return nil, fmt.Errorf("write request: %w", err)
	}
	return packed.Bytes(), nil
}

// unpack reads the whole answer, which must be JSON.
func unpack(response *http.Response) ([]byte, error) {
	var body io.Reader = response.Body
	if response.Header.Get("Content-Encoding") == "gzip" {
		unzip, err := gzip.NewReader(response.Body)
		if err != nil {
			return nil, err
		}
		body = unzip
	}
	raw, err := io.ReadAll(io.LimitReader(body, maxAnswer))
	if err != nil {
		return nil, err
	}
	if kind, _, err := mime.ParseMediaType(response.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return nil, fmt.Errorf("the answer is %q", response.Header.Get("Content-Type"))
	}
	return raw, nil
}

// refused turns an answer that is not 200 into an error.
func refused(response *http.Response, raw []byte) error {
	r := Refused{Status: response.StatusCode}
	err := json.Unmarshal(raw, &r)
	switch r.Status {
	case http.StatusServiceUnavailable, http.StatusInsufficientStorage, http.StatusTooManyRequests, http.StatusLocked:
		seconds, _ := strconv.Atoi(response.Header.Get("Retry-After"))
		return &busy{r, time.Duration(seconds) * time.Second}
	}
	switch {
	case err != nil || r.Status >= 500 || r.Status < 400:
		return fmt.Errorf("%w: status %d", ErrNetwork, r.Status)
	case r.Status == http.StatusUnauthorized:
		return ErrSignIn
	case r.Status == http.StatusUpgradeRequired:
		return ErrUpgrade
	case r.Code == "":
		return fmt.Errorf("%w: status %d without a code", ErrNetwork, r.Status)
	}
	return &r
}

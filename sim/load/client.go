package load

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"time"
)

// client speaks JSON with one server, compressed where it pays, over
// connections that are kept.
type client struct {
	url  string
	http *http.Client
	wire *wire
}

// wire counts bytes on all connections, headers included.
type wire struct{ in, out atomic.Int64 }

func (w *wire) total() int64 { return w.in.Load() + w.out.Load() }
func (w *wire) reset()       { w.in.Store(0); w.out.Store(0) }

type countedConn struct {
	net.Conn
	wire *wire
}

func (c countedConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.wire.in.Add(int64(n))
	return n, err
}

func (c countedConn) Write(b []byte) (int, error) {
	n, err := c.Conn.Write(b)
	c.wire.out.Add(int64(n))
	return n, err
}

func newClient(url string) *client {
	c := &client{url: strings.TrimRight(url, "/"), wire: &wire{}}
	dialer := net.Dialer{Timeout: 10 * time.Second}
	c.http = &http.Client{
		Timeout: time.Minute,
		Transport: &http.Transport{
			MaxIdleConnsPerHost: 512,
			DisableCompression:  true,
			DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
				conn, err := dialer.DialContext(ctx, network, address)
				if err != nil {
					return nil, err
				}
				return countedConn{conn, c.wire}, nil
			},
		},
		// A server on this machine must not send the load elsewhere.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return c
}

func (c *client) close() { c.http.CloseIdleConnections() }

// reply is what the server said.
type reply struct {
	status     int
	body       []byte
	retryAfter string
	took       time.Duration
}

// compressFrom is the size from which a body is sent compressed.
const compressFrom = 1000

// do sends a JSON request; body may be nil.
func (c *client) do(ctx context.Context, method, path, token, device string, body any) (reply, error) {
	var sent bytes.Buffer
	zipped := false
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			return reply{}, fmt.Errorf("encode request: %w", err)
		}
		if zipped = device != "" && len(raw) >= compressFrom; zipped {
			zip := gzip.NewWriter(&sent)
			_, err = zip.Write(raw)
			if closed := zip.Close(); err != nil || closed != nil {
				return reply{}, fmt.Errorf("compress request: %w", err)
			}
		} else {
			sent.Write(raw)
		}
	}
	began := time.Now()
	request, err := http.NewRequestWithContext(ctx, method, c.url+path, &sent)
	if err != nil {
		return reply{}, err
	}
	for name, value := range map[string]string{"Authorization": token, "X-Gridwalk-Device": device, "Content-Type": "application/json", "Accept-Encoding": "gzip"} {
		if value != "" {
			request.Header.Set(name, value)
		}
	}
	if zipped {
		request.Header.Set("Content-Encoding", "gzip")
	}
	response, err := c.http.Do(request)
	if err != nil {
		return reply{}, err
	}
	defer response.Body.Close()
	var reader io.Reader = response.Body
	if response.Header.Get("Content-Encoding") == "gzip" {
		if reader, err = gzip.NewReader(response.Body); err != nil {
			return reply{}, fmt.Errorf("decompress answer: %w", err)
		}
	}
	r := reply{status: response.StatusCode, retryAfter: response.Header.Get("Retry-After")}
	if r.body, err = io.ReadAll(reader); err != nil {
		return reply{}, fmt.Errorf("read answer: %w", err)
	}
	r.took = time.Since(began)
	return r, nil
}

// code is what the server calls its refusal.
func (r reply) code() string {
	var body struct {
		Error string `json:"error"`
	}
	if err := json.Unmarshal(r.body, &body); err == nil && body.Error != "" {
		return body.Error
	}
	return fmt.Sprintf("http_%d", r.status)
}

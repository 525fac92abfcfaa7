package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"

	"gridwalk/bench"
	"gridwalk/sim/load"
)

// pooled keeps its connections, as a phone does while it is in use.
var pooled = &http.Client{Timeout: 2 * time.Minute, Transport: &http.Transport{MaxIdleConnsPerHost: 1000, DisableCompression: true}}

// fresh makes a new connection for every request, as a phone that comes back.
var fresh = &http.Client{Timeout: 2 * time.Minute, Transport: &http.Transport{DisableKeepAlives: true, DisableCompression: true}}

// answer is what the server said, decompressed.
type answer struct {
	status int
	body   []byte
	wire   int // bytes of the body as they came
	took   time.Duration
	header http.Header
}

// ask sends one JSON request, and takes the answer compressed.
func (r *run) ask(client *http.Client, p bench.Phone, path string, body []byte) (answer, error) {
	began := time.Now()
	request, err := http.NewRequestWithContext(r.ctx, "POST", r.server.url+path, bytes.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	request.Header.Set("Authorization", p.Token)
	request.Header.Set("X-Gridwalk-Device", p.Device)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept-Encoding", "gzip")
	response, err := client.Do(request)
	if err != nil {
		return answer{}, err
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	if err != nil {
		return answer{}, err
	}
	a := answer{status: response.StatusCode, body: raw, wire: len(raw), took: time.Since(began), header: response.Header}
	if response.Header.Get("Content-Encoding") == "gzip" {
		unzip, err := gzip.NewReader(bytes.NewReader(raw))
		if err != nil {
			return answer{}, err
		}
		a.body, err = io.ReadAll(unzip)
		if err != nil {
			return answer{}, err
		}
	}
	return a, nil
}

// patiently asks again after a refusal for want of room, as docs/protocol.md
// tells phones to, and counts how often it had to.
func (r *run) patiently(client *http.Client, p bench.Phone, path string, body []byte, took *load.Times) (answer, int, error) {
	for again := 0; ; again++ {
		a, err := r.ask(client, p, path, body)
		if err != nil {
			return a, again, err
		}
		took.Add(a.took)
		if a.status != http.StatusServiceUnavailable || again == 20 {
			return a, again, nil
		}
		seconds, err := strconv.ParseFloat(a.header.Get("Retry-After"), 64)
		if err != nil {
			seconds = 1
		}
		select {
		case <-r.ctx.Done():
			return a, again, context.Cause(r.ctx)
		case <-time.After(time.Duration(seconds * (0.5 + rand.Float64()) * float64(time.Second))):
		}
	}
}

// hydration is what one phone got from nothing.
type hydration struct {
	rows, wire int
	took       time.Duration
	cursor     string
}

// hydrate pulls from cursor until there is no more.
func (r *run) hydrate(p bench.Phone, cursor string) (hydration, error) {
	out := hydration{cursor: cursor}
	began := time.Now()
	for {
		a, err := r.ask(pooled, p, "/api/sync/pull", pullBody(out.cursor))
		if err != nil {
			return out, err
		}
		out.wire += a.wire
		rows, cursor, more, err := readPage(a)
		if err != nil {
			return out, err
		}
		out.rows += rows
		out.cursor = cursor
		if !more {
			out.took = time.Since(began)
			return out, nil
		}
	}
}

// readPage counts the changes of a page. It looks for their first key instead
// of decoding them: the load must not take more time than the server.
func readPage(a answer) (rows int, cursor string, more bool, err error) {
	if a.status != http.StatusOK {
		return 0, "", false, fmt.Errorf("pull answers %d: %.300s", a.status, a.body)
	}
	rows = bytes.Count(a.body, []byte(`,"seq":`))
	at := bytes.LastIndex(a.body, []byte(`"drop":`))
	if at < 0 {
		return 0, "", false, fmt.Errorf("pull answers no page: %.300s", a.body)
	}
	var rest struct {
		Cursor string `json:"cursor"`
		More   bool   `json:"more"`
	}
	err = json.Unmarshal(append([]byte("{"), a.body[at:]...), &rest)
	return rows, rest.Cursor, rest.More, err
}

func pullBody(cursor string) []byte {
	raw, err := json.Marshal(map[string]any{"cursor": cursor, "limit": 1000, "schema": 1})
	if err != nil {
		panic("bench/sync: " + err.Error()) // text and numbers always encode
	}
	return raw
}

package sim

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"
)

// errLost is what a phone sees of a lost request or answer, errCrash the end
// of its process.
var (
	errLost  = errors.New("no answer")
	errCrash = errors.New("the phone died")
)

// fault is what the network does to one request.
type fault int

const (
	clean      fault = iota
	lostBefore       // the request never arrives
	lostAfter        // it is carried out, the answer never arrives
	twice            // it arrives twice, the second answer is delivered
	cut              // the answer is cut short; of a photograph, by the death of the server
	portal           // a captive portal answers in the server's place
	proxy            // a proxy answers {} with 200
	refusal          // 503 by a gateway
	death            // the phone dies while it waits for the answer
	faults
)

var faultNames = [...]string{"clean", "lost-before", "lost-after", "twice", "cut", "portal", "proxy", "503", "death"}

// network carries the requests of one phone.
type network struct {
	w     *world
	p     *handset
	last  *http.Response // the last page of a pull, to be delivered again
	again bool
}

// RoundTrip implements http.RoundTripper.
func (n *network) RoundTrip(request *http.Request) (*http.Response, error) {
	raw, err := io.ReadAll(request.Body)
	if err != nil {
		return nil, err
	}
	w, path := n.w, strings.TrimPrefix(request.URL.Path, "/api/sync/")
	if n.again {
		n.again = false
		return replay(n.last), nil
	}
	f := clean
	if w.faulty {
		w.now = w.now.Add(time.Duration(w.rng.ExpFloat64() * float64(900*time.Millisecond)))
		if n.p.offline {
			f = lostBefore
		} else if w.rng.Float64() < w.c.Faults {
			f = 1 + fault(w.rng.IntN(int(faults)-1))
		}
	}
	uploads := strings.HasPrefix(path, "/api/uploads/")
	if uploads {
		path = request.Method + " photograph" // ids are drawn by the server
	}
	if w.faulty && path != "digest" && !uploads && w.rng.IntN(12) == 0 {
		w.officeEdits() // between two pages, too
	}
	answer := n.deliver(f, request, raw, path)
	w.trace("  %s %s %s → %s", n.p.name(), path, faultNames[f], outcome(answer))
	switch {
	case answer == nil && f == death:
		return nil, errCrash
	case answer == nil:
		return nil, errLost
	}
	if uploads {
		n.last = nil // what was uploaded is news for the next pull
		return answer, nil
	}
	n.last = answer
	return replay(answer), nil
}

// deliver carries out one request under a fault. A nil answer is none.
func (n *network) deliver(f fault, request *http.Request, raw []byte, path string) *http.Response {
	html := func(status int, kind, body string) *http.Response {
		return &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {kind}, "Retry-After": {"3"}}, Body: io.NopCloser(strings.NewReader(body))}
	}
	switch f {
	case lostBefore:
		return nil
	case portal:
		return html(200, "text/html; charset=utf-8", "<html>请登录 Wi-Fi</html>")
	case proxy:
		return html(200, "application/json", "{}")
	case refusal:
		return html(503, "text/plain", "busy")
	}
	if strings.HasPrefix(request.URL.Path, "/api/uploads/") {
		return n.upload(f, request, raw)
	}
	answer := n.serve(request, raw, path)
	switch f {
	case lostAfter, death:
		return nil
	case twice:
		return n.serve(request, raw, path)
	case cut:
		body, _ := io.ReadAll(answer.Body)
		answer.Body = io.NopCloser(bytes.NewReader(body[:n.w.rng.IntN(max(len(body), 1))]))
	}
	return answer
}

// serve has the server answer, and the oracle look at what it says.
func (n *network) serve(request *http.Request, raw []byte, path string) *http.Response {
	copied := request.Clone(request.Context())
	copied.Body = io.NopCloser(bytes.NewReader(raw))
	copied.RemoteAddr = "127.0.0.1:1"
	recorder := httptest.NewRecorder()
	n.w.server.handler.ServeHTTP(recorder, copied)
	n.w.judge(n.p, path, raw, recorder)
	return recorder.Result()
}

// replay gives an answer whose body can be read once more.
func replay(answer *http.Response) *http.Response {
	body := bodyOf(answer)
	again := *answer
	again.Body = io.NopCloser(bytes.NewReader(body))
	return &again
}

func bodyOf(answer *http.Response) []byte {
	body, _ := io.ReadAll(answer.Body)
	answer.Body = io.NopCloser(bytes.NewReader(body))
	return body
}

func outcome(answer *http.Response) string {
	if answer == nil {
		return "nothing"
	}
	return http.StatusText(answer.StatusCode)
}

package server

import (
	"errors"
	"flag"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gridwalk/demo"
	reference "gridwalk/phone"
)

// full has the fleet be as large as docs/decisions/005 says.
var full = flag.Bool("full", false, "50 phones with 5 MB each, instead of 10 with 2 MB")

// inFlight is what is under way when a link drops: it was sent, and never
// arrives. 64 KiB are a window of 10 Mbit/s at 50 ms.
const inFlight = 64 << 10

// badLink carries connections, and drops each after so many bytes to the
// server, with what is in flight. As of a phone that drives into a tunnel, the
// server gets what came before, and the phone no answer.
type badLink struct {
	net.Listener
	server string
	drop   int64
	sent   atomic.Int64 // bytes to the server
	drops  atomic.Int64
}

func newBadLink(t *testing.T, server string, drop int64) *badLink {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := &badLink{Listener: listener, server: strings.TrimPrefix(server, "http://"), drop: drop}
	var carried sync.WaitGroup
	carried.Go(func() {
		for {
			from, err := l.Accept()
			if err != nil {
				return // the test is over
			}
			carried.Go(func() { l.carry(from.(*net.TCPConn)) })
		}
	})
	t.Cleanup(func() {
		l.Close()
		carried.Wait()
	})
	return l
}

func (l *badLink) carry(from *net.TCPConn) {
	defer from.Close()
	to, err := net.Dial("tcp", l.server)
	if err != nil {
		return
	}
	defer to.Close()
	back := make(chan struct{})
	go func() {
		defer close(back)
		_, _ = io.Copy(from, to) // ends with either side
		from.Close()
	}()
	n, err := io.CopyN(to, from, l.drop)
	l.sent.Add(n)
	if err == nil {
		_ = from.SetReadDeadline(time.Now().Add(20 * time.Millisecond)) // there may be less
		lost, _ := io.CopyN(io.Discard, from, min(inFlight, l.drop))
		l.sent.Add(lost)
		l.drops.Add(1)
		_ = from.SetLinger(0) // the phone sees an error at once
	}
	from.Close()
	to.Close()
	<-back
}

// Over a link that drops every megabyte, every photograph of every phone
// arrives, and little is sent twice.
func TestPhotosOverALinkThatDrops(t *testing.T) {
	phones, size := 10, 2<<20
	if *full {
		phones, size = 50, 5<<20
	}
	w := newWorld(t)
	p := newPatch(w)
	link := newBadLink(t, w.url, 1e6)
	transport := &http.Transport{DialContext: (&net.Dialer{}).DialContext}
	defer transport.CloseIdleConnections()
	random := rand.NewChaCha8([32]byte{5})
	begun := time.Now()
	var fleet sync.WaitGroup
	cameras, records, photos := make([]*camera, phones), make([]string, phones), make([][]byte, phones)
	for i := range phones {
		cameras[i] = newCamera(w, p)
		photos[i] = append(demo.Photo(1, 0), make([]byte, size-len(demo.Photo(1, 0)))...)
		random.Read(photos[i][len(demo.Photo(1, 0)):])
		store, err := reference.OpenSQLite(filepath.Join(t.TempDir(), "phone.db"))
		if err != nil {
			t.Fatal(err)
		}
		defer store.Close()
		client := reference.New(reference.Options{URL: "http://" + link.Addr().String(), Device: cameras[i].device, Token: func() string { return p.token },
			Store: store, Transport: transport, Collections: []string{"evidence"}})
		m, err := client.Capture(photos[i], row{"owner_type": "visit", "owner_id": "aaaaaaaaaaaaaaa", "grid": p.grid.Id})
		if err != nil {
			t.Fatal(err)
		}
		records[i] = m.Record
		fleet.Go(func() {
			for {
				err := client.Sync(t.Context())
				if err == nil {
					break
				}
				if !errors.Is(err, reference.ErrNetwork) {
					t.Errorf("phone %d: %v", i, err)
					return
				}
			}
			if list, err := client.Photos(); err != nil || len(list) != 1 || list[0].State != reference.Safe {
				t.Errorf("phone %d: %+v (%v)", i, list, err)
			}
		})
	}
	fleet.Wait()
	for i, c := range cameras {
		c.checkKept(records[i], photos[i])
	}
	cameras[0].checkNothingLeft()
	all := int64(phones * size)
	again := float64(link.sent.Load()-all) / float64(all)
	t.Logf("%d phones, %d bytes each, %d drops, %.1f %% sent again, %v", phones, size, link.drops.Load(), 100*again, time.Since(begun).Round(time.Millisecond))
	if again > 0.1 {
		t.Errorf("%.1f %% were sent again", 100*again)
	}
}

package commands

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"gridwalk/demo"
)

// kept is what the server has answered with 200, by collection and id, with
// the bytes of photographs.
type kept struct {
	mu      sync.Mutex
	records map[string][]byte
}

func (k *kept) add(key string, data []byte) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.records[key] = data
}

// Of a server that is killed in the midst of requests, every record that it
// confirmed is there once, every photograph is whole and gets its previews, and
// doctor finds nothing wrong.
func TestKilledServerKeepsWhatItConfirmed(t *testing.T) {
	dir := t.TempDir()
	p, r := runDemo(t, dir)
	officer := r.Officers[0]
	for _, o := range r.Officers {
		if o.Role == "grid_officer" {
			officer = o
		}
	}
	token := p.signIn("officers", officer.Email, officer.Password)
	households := p.call("GET", records("households")+"?perPage=1", token, nil).Body["items"].([]any)
	household := households[0].(row)["id"].(string)
	p.end(syscall.SIGTERM)

	confirmed := kept{records: map[string][]byte{}}
	random := rand.New(rand.NewPCG(5, 9))
	for round := range 5 {
		p := serve(t, dir)
		quit := make(chan struct{})
		var clients sync.WaitGroup
		for n := range 6 {
			clients.Go(func() {
				for i := 0; ; i++ {
					select {
					case <-quit:
						return
					default:
					}
					id := fmt.Sprintf("r%dc%dn%010d", round, n, i) // 15 characters
					switch n % 3 {
					case 0:
						confirm(t, &confirmed, "visits", id, nil, p.call("POST", records("visits"), token, row{"id": id, "household": household, "purpose": "care", "mode": "door", "result": "met_ok"}))
					case 1:
						confirm(t, &confirmed, "check_ins", id, nil, p.call("POST", records("check_ins"), token, row{"id": id, "target_type": "point", "datum": "wgs84", "loc_src": "gps", "lat": 28.1, "lng": 124.1, "acc_m": 9}))
					case 2:
						// Every photograph differs: bytes after the end of a JPEG are let be.
						photo := append(bytes.Clone(demo.Photo(1, 0)), id...)
						sum := sha256.Sum256(photo)
						confirm(t, &confirmed, "evidence", id, photo, p.upload(records("evidence"), token, map[string]string{"id": id, "owner_type": "visit", "owner_id": "aaaaaaaaaaaaaaa",
							"grid": officer.GridID, "sha256": hex.EncodeToString(sum[:])}, photo))
					}
				}
			})
		}
		time.Sleep(time.Duration(100+random.IntN(500)) * time.Millisecond) // the moment of the power cut
		p.end(syscall.SIGKILL)
		close(quit)
		clients.Wait()
	}

	last := serve(t, dir)
	admin := last.signIn("_superusers", r.Superuser.Email, r.Superuser.Password)
	files, _ := last.call("POST", "/api/files/token", admin, nil).Body["token"].(string)
	counts := map[string]int{}
	for key, photo := range confirmed.records {
		collection, id, _ := strings.Cut(key, "/")
		counts[collection]++
		a := last.call("GET", records(collection)+"/"+id, admin, nil)
		if a.Status != 200 {
			t.Errorf("%s is lost: %d %s", key, a.Status, a.Raw)
			continue
		}
		if photo == nil {
			continue
		}
		address := fmt.Sprintf("/api/files/evidence/%s/%s?token=%s", id, a.Body["file"], files)
		if got := last.call("GET", address, "", nil); !bytes.Equal(got.Raw, photo) {
			t.Errorf("%s: %d of %d bytes are the same", key, len(got.Raw), len(photo))
		}
	}
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if a := last.call("GET", records("evidence")+"?filter=status!%3D'ready'", admin, nil); a.Body["totalItems"] == 0.0 {
			break
		} else if time.Now().After(deadline) {
			t.Fatalf("previews are missing: %.600s", a.Raw)
		}
	}
	last.end(syscall.SIGTERM)
	if o := gridwalk(t, "doctor", "--dir", dir); o.Code != 0 {
		t.Errorf("doctor: %+v", o)
	}
	if counts["visits"] == 0 || counts["check_ins"] == 0 || counts["evidence"] == 0 {
		t.Error("too little was confirmed to prove anything")
	}
	t.Logf("confirmed and there: %v", counts)
}

// confirm notes what was answered with 200. Any other answer than none, which
// is a server that was killed, is a fault.
func confirm(t *testing.T, k *kept, collection, id string, data []byte, a answer) {
	switch a.Status {
	case 200:
		k.add(collection+"/"+id, data)
	case 0:
	default:
		t.Errorf("%s %s: %d %s", collection, id, a.Status, a.Raw)
	}
}

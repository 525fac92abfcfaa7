package commands

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"gridwalk/demo"
	"gridwalk/phone"
)

// Of a server that is killed while phones send photographs, each photograph is
// there once and whole in the end, and nothing half made is left.
func TestKilledServerKeepsPhotographs(t *testing.T) {
	dir := t.TempDir()
	p, r := runDemo(t, dir)
	officer := r.Officers[0]
	for _, o := range r.Officers {
		if o.Role == "grid_officer" {
			officer = o
		}
	}
	a := p.call("POST", "/api/collections/officers/auth-with-password", "", row{"identity": officer.Email, "password": officer.Password})
	token := a.Body["token"].(string)
	officerID := a.Body["record"].(row)["id"]
	type handset struct {
		app    *phone.Client
		photos map[string][]byte // by record
	}
	var phones []*handset
	url := ""
	for range 4 {
		device := p.call("POST", records("devices"), token, row{"officer": officerID, "status": "pending", "platform": "web"}).Body["id"].(string)
		phones = append(phones, &handset{photos: map[string][]byte{}, app: phone.New(phone.Options{Device: device, Token: func() string { return token },
			Store: phone.NewMemory(), ChunkSize: 20_000, Attempts: 1, Collections: []string{"evidence"}, URL: "http://server", Transport: redirect{&url}})})
	}
	before := len(p.call("GET", records("evidence")+"?perPage=500&fields=id", p.signIn("_superusers", r.Superuser.Email, r.Superuser.Password), nil).Body["items"].([]any))
	p.end(syscall.SIGTERM)

	random := rand.New(rand.NewPCG(6, 2))
	for round := range 6 {
		p := serve(t, dir)
		url = p.url
		quit := make(chan struct{})
		var fleet sync.WaitGroup
		for n, h := range phones {
			fleet.Go(func() {
				for i := 0; ; i++ {
					photo := append(bytes.Clone(demo.Photo(1, n)), fmt.Sprintf("%d %d %d", round, n, i)...)
					m, err := h.app.Capture(photo, row{"owner_type": "visit", "owner_id": "aaaaaaaaaaaaaaa", "grid": officer.GridID})
					if err != nil {
						t.Error(err)
						return
					}
					h.photos[m.Record] = photo
					_ = h.app.Sync(t.Context()) // the server may be away
					select {
					case <-quit:
						return
					default:
					}
				}
			})
		}
		time.Sleep(time.Duration(100+random.IntN(400)) * time.Millisecond) // the moment of the power cut
		p.end(syscall.SIGKILL)
		close(quit)
		fleet.Wait()
	}

	last := serve(t, dir)
	url = last.url
	admin := last.signIn("_superusers", r.Superuser.Email, r.Superuser.Password)
	files, _ := last.call("POST", "/api/files/token", admin, nil).Body["token"].(string)
	total := 0
	for _, h := range phones {
		if err := h.app.Sync(t.Context()); err != nil {
			t.Error(err)
		}
		list, err := h.app.Photos()
		if err != nil || len(list) != len(h.photos) {
			t.Fatalf("%d photographs on the phone of %d (%v)", len(list), len(h.photos), err)
		}
		for _, photo := range list {
			total++
			a := last.call("GET", records("evidence")+"/"+photo.Record, admin, nil)
			got := last.call("GET", fmt.Sprintf("/api/files/evidence/%s/%s?token=%s", photo.Record, a.Body["file"], files), "", nil)
			if photo.State != phone.Safe || a.Body["upload_state"] != "done" || !bytes.Equal(got.Raw, h.photos[photo.Record]) {
				t.Errorf("%s is %s on the phone, %v on the server, %d of %d bytes", photo.Record, photo.State, a.Body["upload_state"], len(got.Raw), photo.Size)
			}
		}
	}
	last.end(syscall.SIGTERM)
	if left, err := filepath.Glob(filepath.Join(dir, "uploads", "*")); err != nil || len(left) > 0 {
		t.Errorf("left of uploads: %v (%v)", left, err)
	}
	stored, err := filepath.Glob(filepath.Join(dir, "storage", "*", "*", "*"))
	stored = slices.DeleteFunc(stored, func(path string) bool {
		return strings.HasPrefix(filepath.Base(path), "thumbs_") || strings.HasSuffix(path, ".attrs")
	})
	if err != nil || len(stored) != before+total {
		t.Errorf("%d files for %d photographs (%v)", len(stored), before+total, err)
	}
	if o := gridwalk(t, "doctor", "--dir", dir); o.Code != 0 {
		t.Errorf("doctor: %+v", o)
	}
	t.Logf("%d photographs, all there once", total)
}

// redirect sends requests to wherever the server is by now.
type redirect struct{ url *string }

func (r redirect) RoundTrip(request *http.Request) (*http.Response, error) {
	request.URL.Host = strings.TrimPrefix(*r.url, "http://")
	return http.DefaultTransport.RoundTrip(request)
}

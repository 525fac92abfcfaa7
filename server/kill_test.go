package server

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"gridwalk/merge"
	hooks "gridwalk/pb_hooks"
	"gridwalk/replica"
)

// process is the real binary, serving.
type process struct {
	t       *testing.T
	binary  string
	dir     string
	address string
	command *exec.Cmd
}

// build makes the binary once for a test.
func build(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "gridwalk")
	if out, err := exec.Command("go", "build", "-o", binary, "gridwalk").CombinedOutput(); err != nil {
		t.Fatalf("build: %v %s", err, out)
	}
	return binary
}

func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// start runs the server and waits until it answers.
func (p *process) start() {
	p.t.Helper()
	p.command = exec.Command(p.binary, "serve", "--dir", p.dir, "--http", p.address)
	var log bytes.Buffer
	p.command.Stderr = &log
	if err := p.command.Start(); err != nil {
		p.t.Fatal(err)
	}
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); {
		if answer, err := http.Get("http://" + p.address + "/api/health"); err == nil {
			answer.Body.Close()
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	p.kill()
	p.t.Fatalf("the server does not answer: %s", log.String())
}

// kill ends the server as a power cut would.
func (p *process) kill() {
	if err := p.command.Process.Kill(); err != nil {
		p.t.Error(err)
	}
	_ = p.command.Wait() // it was killed
}

// killedPhone pushes visits one batch after the other, and sends a batch again
// until it is answered.
type killedPhone struct {
	token, device, household string
	note                     string
	clock                    *merge.Clock
	n                        int64
	batch                    []row
	acked                    map[string]string // mutation → record
}

// push sends the batch in hand once, and gives the status of the answer, 0 when
// there was none.
func (k *killedPhone) push(client *http.Client, url string) (int, error) {
	if k.batch == nil {
		for range 5 {
			k.n++
			k.batch = append(k.batch, row{"id": fmt.Sprintf("%s-%d", k.device, k.n), "n": k.n, "at": k.clock.Tick(), "collection": "visits",
				"record": newID(), "op": "create", "set": row{"household": k.household, "purpose": "care", "mode": "door", "result": "met_ok", "note": k.note}})
		}
	}
	raw, err := json.Marshal(row{"mutations": k.batch})
	if err != nil {
		return 0, err
	}
	request, err := http.NewRequest("POST", url+"/api/sync/push", bytes.NewReader(raw))
	if err != nil {
		return 0, err
	}
	request.Header.Set("Authorization", k.token)
	request.Header.Set("X-Gridwalk-Device", k.device)
	response, err := client.Do(request)
	if err != nil {
		return 0, nil // the server is down
	}
	defer response.Body.Close()
	var answer replica.PushAnswer
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		return 0, nil // cut in the middle
	}
	if response.StatusCode == http.StatusServiceUnavailable || response.StatusCode == http.StatusInsufficientStorage {
		return response.StatusCode, nil
	}
	if response.StatusCode != http.StatusOK || len(answer.Results) != len(k.batch) {
		return response.StatusCode, fmt.Errorf("status %d, %d results", response.StatusCode, len(answer.Results))
	}
	for i, r := range answer.Results {
		if r.Status != "applied" && (r.Status != "duplicate" || r.Of != "applied") {
			return response.StatusCode, fmt.Errorf("mutation %s: %+v", r.ID, r)
		}
		k.acked[r.ID] = k.batch[i]["record"].(string)
	}
	k.batch = nil
	return response.StatusCode, nil
}

// A server that is killed twenty times under the load of 200 phones has every
// acknowledged mutation exactly once.
func TestKilledServerLosesNothing(t *testing.T) {
	if testing.Short() {
		t.Skip("takes half a minute")
	}
	w := newWorld(t)
	v := w.newVillage("990101103201", 124.10, 28.10)
	var phones []*killedPhone
	for range 10 {
		officer, token := w.officer("grid_officer", nil)
		w.assign(officer, v.grid)
		for range 20 {
			device := w.save("devices", row{"officer": officer.Id, "status": "active"})
			clock, err := merge.NewClock(device.Id, time.Now)
			if err != nil {
				t.Fatal(err)
			}
			phones = append(phones, &killedPhone{token: token, device: device.Id, household: v.household.Id, clock: clock, acked: map[string]string{}})
		}
	}
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(w.app.DataDir())); err != nil {
		t.Fatal(err)
	}
	server := &process{t: t, binary: build(t), dir: dir, address: freeAddress(t)}
	server.start()
	quit := make(chan struct{})
	var fleet sync.WaitGroup
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 200}, Timeout: 20 * time.Second}
	for _, k := range phones {
		fleet.Go(func() {
			for {
				status, err := k.push(client, "http://"+server.address)
				if err != nil {
					t.Error(err)
					return
				}
				select {
				case <-quit:
					return
				default:
				}
				if status != http.StatusOK {
					time.Sleep(20 * time.Millisecond) // the server is away; a real phone waits longer
				}
			}
		})
	}
	random := rand.New(rand.NewPCG(20, 3))
	for range 20 {
		time.Sleep(time.Duration(50+random.IntN(300)) * time.Millisecond) // the moment of the power cut
		server.kill()
		server.start()
	}
	close(quit)
	fleet.Wait()
	server.kill()

	app := newApp(dir, hooks.DefaultSettings())
	if err := app.Bootstrap(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := app.ResetBootstrapState(); err != nil {
			t.Error(err)
		}
	}()
	total := 0
	for _, k := range phones {
		for mutation, record := range k.acked {
			total++
			var history, rows int
			err := app.DB().NewQuery("SELECT COUNT(*) FROM _sync_history WHERE mutation = '" + mutation + "'").Row(&history)
			if err == nil {
				err = app.DB().NewQuery("SELECT COUNT(*) FROM visits WHERE id = '" + record + "'").Row(&rows)
			}
			if err != nil || history != 1 || rows != 1 {
				t.Fatalf("mutation %s: %d times in history, %d records, %v", mutation, history, rows, err)
			}
		}
	}
	if total == 0 {
		t.Fatal("nothing was acknowledged")
	}
	if found, err := replica.Check(app, false); err != nil || len(found) > 0 {
		t.Errorf("the feed differs: %v %v", found, err)
	}
	t.Logf("%d acknowledged mutations, all there once", total)
}

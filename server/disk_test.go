package server

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"gridwalk/merge"
	hooks "gridwalk/pb_hooks"
)

// A real disk that is full, under the real binary: the server says so, stays
// readable, and has everything that it acknowledged.
func TestFullFilesystem(t *testing.T) {
	dir := t.TempDir()
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", dir).CombinedOutput(); err != nil {
		t.Skipf("a small filesystem cannot be mounted here, TestFullDisk stands in: %v %s", err, out)
	}
	t.Cleanup(func() {
		if out, err := exec.Command("umount", dir).CombinedOutput(); err != nil {
			t.Errorf("unmount: %v %s", err, out)
		}
	})
	w := newWorld(t)
	p := newPatch(w)
	device := w.save("devices", row{"officer": p.officer.Id, "status": "active"})
	if err := os.CopyFS(dir, os.DirFS(w.app.DataDir())); err != nil {
		t.Fatal(err)
	}
	clock, err := merge.NewClock(device.Id, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	server := &process{t: t, binary: build(t), dir: dir, address: freeAddress(t)}
	server.start()
	phone := &killedPhone{token: p.token, device: device.Id, household: p.household.Id, clock: clock, note: strings.Repeat("长", 300), acked: map[string]string{}}
	client := &http.Client{Timeout: 20 * time.Second}
	full := 0
	for range 5000 {
		status, err := phone.push(client, "http://"+server.address)
		if err != nil {
			t.Fatal(err)
		}
		if status == http.StatusInsufficientStorage || status == http.StatusServiceUnavailable {
			full = status
			break
		}
	}
	if full == 0 {
		t.Fatalf("the disk was never full after %d mutations", len(phone.acked))
	}
	if status := ask(t, client, server.address, p.token, device.Id); status != http.StatusOK {
		t.Errorf("a pull on a full disk answers %d", status)
	}
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
	visits, err := app.CountRecords("visits")
	if err != nil || visits != int64(len(phone.acked)) {
		t.Errorf("%d visits for %d acknowledged, %v", visits, len(phone.acked), err)
	}
	t.Logf("%d acknowledged before the disk was full (%d)", len(phone.acked), full)
}

// ask pulls once and gives the status.
func ask(t *testing.T, client *http.Client, address, token, device string) int {
	t.Helper()
	body, err := json.Marshal(row{"cursor": ""})
	if err != nil {
		t.Fatal(err)
	}
	request, err := http.NewRequest("POST", fmt.Sprintf("http://%s/api/sync/pull", address), bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", token)
	request.Header.Set("X-Gridwalk-Device", device)
	answer, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	return answer.StatusCode
}

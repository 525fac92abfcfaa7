package server

import (
	"bytes"
	"crypto/sha1"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/pocketbase/dbx"

	"gridwalk/demo"
	"gridwalk/merge"
	hooks "gridwalk/pb_hooks"
)

// camera is a phone that makes records of evidence by push and sends bytes by
// tus.
type camera struct {
	patch
	w      *world
	device string
	clock  *merge.Clock
	n      int64
}

func newCamera(w *world, p patch) *camera {
	w.t.Helper()
	device := w.save("devices", row{"officer": p.officer.Id, "status": "active"})
	clock, err := merge.NewClock(device.Id, func() time.Time { return w.now })
	if err != nil {
		w.t.Fatal(err)
	}
	return &camera{patch: p, w: w, device: device.Id, clock: clock}
}

// ask sends one request of an upload; more are names and values of headers.
func (c *camera) ask(method, path string, body io.Reader, more ...string) (*http.Response, []byte) {
	c.w.t.Helper()
	response, raw, err := c.try(method, path, body, more...)
	if err != nil {
		c.w.t.Fatal(err)
	}
	return response, raw
}

func (c *camera) try(method, path string, body io.Reader, more ...string) (*http.Response, []byte, error) {
	request, err := http.NewRequest(method, c.w.url+path, body)
	if err != nil {
		return nil, nil, err
	}
	request.Header.Set("Authorization", c.token)
	request.Header.Set("X-Gridwalk-Device", c.device)
	request.Header.Set("Tus-Resumable", "1.0.0")
	if method == "PATCH" {
		request.Header.Set("Content-Type", "application/offset+octet-stream")
	}
	for i := 0; i+1 < len(more); i += 2 {
		request.Header.Set(more[i], more[i+1])
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, nil, err
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	return response, raw, err
}

func shaMetadata(sum string) string {
	return "sha256 " + base64.StdEncoding.EncodeToString([]byte(sum))
}

// begin makes an upload and gives its path.
func (c *camera) begin(photo []byte) string {
	c.w.t.Helper()
	response, raw := c.ask("POST", "/api/uploads/", nil, "Upload-Length", strconv.Itoa(len(photo)), "Upload-Metadata", shaMetadata(hexSum(photo)))
	if response.StatusCode != 201 {
		c.w.t.Fatalf("%d %s", response.StatusCode, raw)
	}
	return response.Header.Get("Location")
}

// chunk sends bytes at an offset and gives the status and the state.
func (c *camera) chunk(path string, offset int, data []byte, more ...string) (int, string, []byte) {
	c.w.t.Helper()
	response, raw := c.ask("PATCH", path, bytes.NewReader(data), append([]string{"Upload-Offset", strconv.Itoa(offset)}, more...)...)
	return response.StatusCode, response.Header.Get("X-Gridwalk-State"), raw
}

// record pushes a record of evidence and gives its id.
func (c *camera) record(sum string, more row) string {
	c.w.t.Helper()
	id := newID()
	set := row{"owner_type": "visit", "owner_id": "aaaaaaaaaaaaaaa", "grid": c.grid.Id, "sha256": sum}
	for k, v := range more {
		set[k] = v
	}
	c.n++
	_, raw := c.ask("POST", "/api/sync/push", bytes.NewReader(marshal(c.w.t, row{"mutations": []row{{"id": fmt.Sprintf("m%d", c.n), "n": c.n, "at": c.clock.Tick(),
		"collection": "evidence", "record": id, "op": "create", "set": set}}})))
	if !strings.Contains(string(raw), `"applied"`) {
		c.w.t.Fatalf("push: %s", raw)
	}
	return id
}

func marshal(t *testing.T, v any) []byte {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// head asks what the server has of a photograph.
func (c *camera) head(sum string) (status int, state, location string) {
	c.w.t.Helper()
	response, _ := c.ask("HEAD", "/api/uploads/blob/"+sum, nil)
	return response.StatusCode, response.Header.Get("X-Gridwalk-State"), response.Header.Get("Location")
}

// checkKept: the bytes of a record are the photograph, on the server once.
func (c *camera) checkKept(id string, photo []byte) {
	c.w.t.Helper()
	r, err := c.w.app.FindRecordById("evidence", id)
	if err != nil {
		c.w.t.Fatal(err)
	}
	if r.GetString("upload_state") != "done" {
		c.w.t.Errorf("%s is %s, %s", id, r.GetString("upload_state"), r.GetString("status"))
		return
	}
	if got := c.fetch(c.w, id, r.GetString("file"), ""); !bytes.Equal(got.Raw, photo) {
		c.w.t.Errorf("%s: %d bytes are kept of %d, status %d", id, len(got.Raw), len(photo), got.Status)
	}
}

// checkNothingLeft: no part of an upload and no bytes without a record are there.
func (c *camera) checkNothingLeft() {
	c.w.t.Helper()
	left, err := filepath.Glob(filepath.Join(c.w.app.DataDir(), hooks.UploadsDir, "*"))
	if err != nil || len(left) > 0 {
		c.w.t.Errorf("left of uploads: %v (%v)", left, err)
	}
	collection, err := c.w.app.FindCollectionByNameOrId("evidence")
	if err != nil {
		c.w.t.Fatal(err)
	}
	stored, err := filepath.Glob(filepath.Join(c.w.app.DataDir(), "storage", collection.Id, "*", "*"))
	if err != nil {
		c.w.t.Fatal(err)
	}
	for _, path := range stored {
		name := filepath.Base(path)
		if strings.HasPrefix(name, "thumbs_") || strings.HasSuffix(name, ".attrs") {
			continue
		}
		var n int
		err := c.w.app.DB().Select("COUNT(*)").From("evidence").Where(dbx.HashExp{"id": filepath.Base(filepath.Dir(path)), "file": name}).Row(&n)
		if err != nil || n != 1 {
			c.w.t.Errorf("%s belongs to %d records (%v)", path, n, err)
		}
	}
}

func TestUploadInChunksThenSafe(t *testing.T) {
	w := newWorld(t)
	c := newCamera(w, newPatch(w))
	photo := demo.Photo(1, 0)
	id := c.record(hexSum(photo), nil)
	path := c.begin(photo)
	if status, state, raw := c.chunk(path, 0, photo[:1000]); status != 204 || state != "" {
		t.Fatalf("%d %q %s", status, state, raw)
	}
	if response, _ := c.ask("HEAD", path, nil); response.Header.Get("Upload-Offset") != "1000" || response.Header.Get("Upload-Expires") == "" {
		t.Errorf("%v", response.Header)
	}
	if status, _, raw := c.chunk(path, 999, photo[999:]); status != 409 || !strings.Contains(string(raw), `"offset_mismatch"`) {
		t.Errorf("a chunk at a wrong offset: %d %s", status, raw)
	}
	if status, state, _ := c.head(hexSum(photo)); status != 404 || state != "" {
		t.Errorf("half a photograph: %d %s", status, state)
	}
	if status, state, raw := c.chunk(path, 1000, photo[1000:]); status != 204 || state != "safe" {
		t.Fatalf("%d %q %s", status, state, raw)
	}
	if status, state, _ := c.head(hexSum(photo)); status != 200 || state != "safe" {
		t.Errorf("%d %s", status, state)
	}
	if done := w.settled(id); done["status"] != "ready" || done["upload_state"] != "done" {
		t.Errorf("%v", done)
	}
	c.checkKept(id, photo)
	c.checkNothingLeft()
}

// Cut after any byte, an upload goes on where it was and ends as the same
// photograph.
func TestUploadCutAtEveryByte(t *testing.T) {
	w := newWorld(t)
	c := newCamera(w, newPatch(w))
	small := tinyPNG(t)
	for cut := range len(small) + 1 {
		photo := append(bytes.Clone(small), fmt.Sprintf("#%05d", cut)...)
		id := c.record(hexSum(photo), nil)
		path := c.begin(photo)
		// The body announces all bytes and ends early, as that of a phone does
		// that drives into a tunnel.
		_, _, err := c.try("PATCH", path, &cutBody{bytes.NewReader(photo[:cut])}, "Upload-Offset", "0", "Content-Length", strconv.Itoa(len(photo)))
		if err == nil {
			t.Fatal("the cut request was answered")
		}
		c.resume(path, photo)
		c.checkKept(id, photo)
	}
	c.checkNothingLeft()
}

// resume sends what is missing of an upload until it is safe. The request that
// was cut may come to the server after those that follow it, and get between.
func (c *camera) resume(path string, photo []byte) {
	c.w.t.Helper()
	for {
		response, _ := c.ask("HEAD", path, nil)
		if response.Header.Get("X-Gridwalk-State") == "safe" {
			return
		}
		offset, err := strconv.Atoi(response.Header.Get("Upload-Offset"))
		if err != nil {
			c.w.t.Fatalf("HEAD: %d, offset %q", response.StatusCode, response.Header.Get("Upload-Offset"))
		}
		switch status, state, raw := c.chunk(path, offset, photo[offset:]); {
		case status == 204 && state == "safe":
			return
		case status != 423 && status != 409:
			c.w.t.Fatalf("at %d: %d %q %s", offset, status, state, raw)
		}
	}
}

// cutBody breaks instead of ending.
type cutBody struct{ io.Reader }

func (b *cutBody) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	if errors.Is(err, io.EOF) {
		return n, errors.New("the network is gone")
	}
	return n, err
}

func tinyPNG(t *testing.T) []byte {
	t.Helper()
	raw, err := base64.StdEncoding.DecodeString("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==")
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// Bytes before the record wait for it, over a restart, and become safe once it
// is there.
func TestBytesBeforeTheRecord(t *testing.T) {
	w := newWorld(t)
	c := newCamera(w, newPatch(w))
	photo := demo.Photo(1, 1)
	path := c.begin(photo)
	if status, state, raw := c.chunk(path, 0, photo); status != 204 || state != "waiting" {
		t.Fatalf("%d %q %s", status, state, raw)
	}
	w.restart()
	if status, state, _ := c.head(hexSum(photo)); status != 200 || state != "waiting" {
		t.Errorf("%d %s", status, state)
	}
	id := c.record(hexSum(photo), nil)
	if done := w.arrived(id); done["upload_state"] != "done" {
		t.Fatalf("%v", done)
	}
	if status, state, _ := c.head(hexSum(photo)); status != 200 || state != "safe" {
		t.Errorf("%d %s", status, state)
	}
	c.checkKept(id, photo)
	c.checkNothingLeft()
}

// arrived waits until a record has its bytes, which it gets after the answer to
// its push.
func (w *world) arrived(id string) row {
	w.t.Helper()
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		record, err := w.app.FindRecordById("evidence", id)
		if err != nil {
			w.t.Fatal(err)
		}
		if record.GetString("upload_state") == "done" {
			return record.PublicExport()
		}
	}
	w.t.Fatalf("evidence %s has no bytes", id)
	return nil
}

// The same picture for two records, and sent twice, is on the server once for
// each record.
func TestBytesTwice(t *testing.T) {
	w := newWorld(t)
	c := newCamera(w, newPatch(w))
	photo := demo.Photo(1, 2)
	first, second := c.record(hexSum(photo), nil), c.record(hexSum(photo), nil)
	if status, state, raw := c.chunk(c.begin(photo), 0, photo); status != 204 || state != "safe" {
		t.Fatalf("%d %q %s", status, state, raw)
	}
	if status, state, raw := c.chunk(c.begin(photo), 0, photo); status != 204 || state != "safe" {
		t.Fatalf("again: %d %q %s", status, state, raw)
	}
	// A third record is served from what is there, when its phone asks.
	third := c.record(hexSum(photo), nil)
	if status, state, _ := c.head(hexSum(photo)); status != 200 || state != "safe" {
		t.Errorf("%d %s", status, state)
	}
	for _, id := range []string{first, second, third} {
		c.checkKept(id, photo)
	}
	if reasons := w.settled(third)["reasons"]; !strings.Contains(fmt.Sprint(reasons), "same_picture") {
		t.Errorf("the third says %v", reasons)
	}
	c.checkNothingLeft()
}

// Bytes that are not the ones announced are refused by name and kept for an
// admin; the right ones are taken afterwards.
func TestWrongBytes(t *testing.T) {
	w := newWorld(t)
	c := newCamera(w, newPatch(w))
	photo := demo.Photo(1, 3)
	id := c.record(hexSum(photo), nil)
	wrong := bytes.Clone(photo)
	wrong[len(wrong)/2] ^= 1
	path := c.begin(photo)
	status, state, raw := c.chunk(path, 0, wrong)
	if status != 422 || state != "" || !strings.Contains(string(raw), `"hash_mismatch"`) {
		t.Fatalf("%d %q %s", status, state, raw)
	}
	if response, _ := c.ask("HEAD", path, nil); response.StatusCode != 404 {
		t.Errorf("the upload is still there: %d", response.StatusCode)
	}
	list := w.call("GET", records("refused_uploads"), w.admin(), nil)
	if list.Body["totalItems"] != 1.0 || !strings.Contains(string(list.Raw), hexSum(wrong)) {
		t.Errorf("%s", list)
	}
	if a := w.call("GET", records("refused_uploads"), c.token, nil); a.Status == 200 {
		t.Errorf("an officer sees refused bytes: %s", a)
	}
	c.w.run("gridwalk_uploads")
	if n, _ := w.app.CountRecords("refused_uploads"); n != 1 {
		t.Errorf("%d refused uploads after an hour", n)
	}
	if _, err := w.app.DB().NewQuery("UPDATE refused_uploads SET created = '2026-10-20 00:00:00.000Z'").Execute(); err != nil {
		t.Fatal(err)
	}
	c.w.run("gridwalk_purge")
	if n, _ := w.app.CountRecords("refused_uploads"); n != 0 {
		t.Errorf("%d refused uploads after 34 days", n)
	}
	if status, state, raw := c.chunk(c.begin(photo), 0, photo); status != 204 || state != "safe" {
		t.Fatalf("%d %q %s", status, state, raw)
	}
	c.checkKept(id, photo)
	c.checkNothingLeft()
}

func TestWholeUpload(t *testing.T) {
	w := newWorld(t)
	c := newCamera(w, newPatch(w))
	photo := demo.Photo(1, 4)
	id := c.record(hexSum(photo), nil)
	if response, raw := c.ask("PUT", "/api/uploads/blob/"+hexSum(photo), bytes.NewReader(photo)); response.StatusCode != 200 || !strings.Contains(string(raw), `"safe"`) {
		t.Fatalf("%d %s", response.StatusCode, raw)
	}
	if response, raw := c.ask("PUT", "/api/uploads/blob/"+hexSum(photo), bytes.NewReader(photo)); response.StatusCode != 200 || !strings.Contains(string(raw), `"safe"`) {
		t.Errorf("again: %d %s", response.StatusCode, raw)
	}
	if response, raw := c.ask("PUT", "/api/uploads/blob/"+hexSum(photo[1:]), bytes.NewReader(photo)); response.StatusCode != 422 || !strings.Contains(string(raw), `"hash_mismatch"`) {
		t.Errorf("under a wrong name: %d %s", response.StatusCode, raw)
	}
	if _, _, err := c.try("PUT", "/api/uploads/blob/"+hexSum(photo[2:]), &cutBody{bytes.NewReader(photo[:100])}, "Content-Length", strconv.Itoa(len(photo))); err == nil {
		t.Error("a whole upload that was cut off was answered")
	}
	// A picture that is none is stored with its record, and rejected by name.
	text := []byte("<html>captive portal</html>")
	none := c.record(hexSum(text), nil)
	if response, raw := c.ask("PUT", "/api/uploads/blob/"+hexSum(text), bytes.NewReader(text)); response.StatusCode != 200 || !strings.Contains(string(raw), `"rejected","reason":"not_an_image"`) {
		t.Errorf("%d %s", response.StatusCode, raw)
	}
	c.checkKept(id, photo)
	c.checkKept(none, text)
	c.checkNothingLeft()
}

// Nobody but the device that began it comes near an upload, and a hash tells a
// stranger nothing.
func TestStrangersAndUploads(t *testing.T) {
	w := newWorld(t)
	c := newCamera(w, newPatch(w))
	far := w.newVillage("990202103201", 124.20, 28.20)
	officer, token := w.officer("grid_officer", nil)
	w.assign(officer, far.grid)
	stranger := newCamera(w, patch{far, officer, token})
	photo, other := demo.Photo(1, 5), demo.Photo(1, 6)
	c.record(hexSum(photo), nil)
	if status, state, _ := c.chunk(c.begin(photo), 0, photo); status != 204 || state != "safe" {
		t.Fatalf("%d %s", status, state)
	}
	path := c.begin(other)
	for _, method := range []string{"HEAD", "PATCH", "DELETE"} {
		if response, _ := stranger.ask(method, path, nil, "Upload-Offset", "0"); response.StatusCode != 404 {
			t.Errorf("a stranger's %s: %d", method, response.StatusCode)
		}
	}
	for _, sum := range []string{hexSum(photo), hexSum(other)} {
		if status, state, location := stranger.head(sum); status != 404 || state != "" || location != "" {
			t.Errorf("a stranger's HEAD: %d %s %s", status, state, location)
		}
	}
	// Whoever knows a hash does not get the bytes for it.
	theirs := stranger.record(hexSum(photo), nil)
	if status, _, _ := stranger.head(hexSum(photo)); status != 404 {
		t.Errorf("a stranger with a record: %d", status)
	}
	if r, err := w.app.FindRecordById("evidence", theirs); err != nil || r.GetString("file") != "" {
		t.Errorf("a stranger's record got the bytes (%v)", err)
	}
	// A colleague in the grid sees the photograph, and need not send it again.
	mate, mateToken := w.officer("grid_officer", nil)
	w.assign(mate, c.grid)
	colleague := newCamera(w, patch{c.village, mate, mateToken})
	if status, state, _ := colleague.head(hexSum(photo)); status != 200 || state != "waiting" {
		t.Errorf("a colleague's HEAD: %d %s", status, state)
	}
	again := colleague.record(hexSum(photo), nil)
	if status, state, _ := colleague.head(hexSum(photo)); status != 200 || state != "safe" {
		t.Errorf("a colleague's HEAD with a record: %d %s", status, state)
	}
	colleague.checkKept(again, photo)
	// Without a sign-in, or from a device that was revoked, nothing goes.
	for _, bad := range []*camera{{patch: patch{token: ""}, w: w, device: c.device}, {patch: c.patch, w: w, device: "aaaaaaaaaaaaaaa"}} {
		for _, method := range []string{"POST", "HEAD", "PATCH", "DELETE", "PUT"} {
			for _, target := range []string{path, "/api/uploads/", "/api/uploads/blob/" + hexSum(photo)} {
				if response, _ := bad.ask(method, target, nil); response.StatusCode != 401 && response.StatusCode != 403 || response.Header.Get("X-Gridwalk-Error") == "" {
					t.Errorf("%s %s: %d", method, target, response.StatusCode)
				}
			}
		}
	}
	if response, _ := c.ask("HEAD", path, nil); response.StatusCode != 200 {
		t.Errorf("the upload did not survive the strangers: %d", response.StatusCode)
	}
}

// The extensions of tus, as far as they are offered.
func TestTusExtensions(t *testing.T) {
	w := newWorld(t)
	c := newCamera(w, newPatch(w))
	photo := demo.Photo(1, 7)
	response, _ := c.ask("OPTIONS", "/api/uploads/", nil)
	if got := response.Header.Get("Tus-Extension"); got != "creation,creation-with-upload,termination,checksum,expiration" {
		t.Errorf("extensions are %s", got)
	}
	if response.Header.Get("Tus-Max-Size") != strconv.Itoa(30<<20) || response.Header.Get("Tus-Checksum-Algorithm") != "sha1,sha256" {
		t.Errorf("%v", response.Header)
	}
	response, _ = c.ask("OPTIONS", "/api/uploads/", nil, "Origin", "https://app.invalid", "Access-Control-Request-Method", "PATCH")
	if allowed := response.Header.Get("Access-Control-Allow-Headers"); !strings.Contains(allowed, "X-Gridwalk-Device") || response.Header.Get("Access-Control-Allow-Origin") == "" {
		t.Errorf("a browser's question: %v", response.Header)
	}

	// creation-with-upload
	id := c.record(hexSum(photo), nil)
	response, raw := c.ask("POST", "/api/uploads/", bytes.NewReader(photo), "Upload-Length", strconv.Itoa(len(photo)), "Upload-Metadata", shaMetadata(hexSum(photo)),
		"Content-Type", "application/offset+octet-stream")
	if response.StatusCode != 201 || response.Header.Get("X-Gridwalk-State") != "safe" {
		t.Fatalf("%d %s", response.StatusCode, raw)
	}
	c.checkKept(id, photo)

	// checksum: a chunk that is not what it says is taken back as a whole.
	photo = demo.Photo(1, 8)
	path := c.begin(photo)
	sum := sha1.Sum(photo[:500])
	checksum := "sha1 " + base64.StdEncoding.EncodeToString(sum[:])
	if status, _, raw := c.chunk(path, 0, photo[1:501], "Upload-Checksum", checksum); status != 460 || !strings.Contains(string(raw), `"checksum_mismatch"`) {
		t.Errorf("%d %s", status, raw)
	}
	if response, _ := c.ask("HEAD", path, nil); response.Header.Get("Upload-Offset") != "0" {
		t.Errorf("a wrong chunk stayed: %s", response.Header.Get("Upload-Offset"))
	}
	if status, _, raw := c.chunk(path, 0, photo[:500], "Upload-Checksum", checksum); status != 204 {
		t.Errorf("%d %s", status, raw)
	}
	if status, _, raw := c.chunk(path, 500, photo[500:], "Upload-Checksum", "crc32 AAAA"); status != 400 || !strings.Contains(string(raw), `"bad_checksum"`) {
		t.Errorf("%d %s", status, raw)
	}

	// X-HTTP-Method-Override, for clients that know no PATCH and no HEAD
	if response, raw := c.ask("POST", path, bytes.NewReader(photo[500:700]), "X-HTTP-Method-Override", "PATCH", "Upload-Offset", "500",
		"Content-Type", "application/offset+octet-stream"); response.StatusCode != 204 || response.Header.Get("Upload-Offset") != "700" {
		t.Errorf("%d %s", response.StatusCode, raw)
	}
	// The device that lost the address asks for it by the hash.
	if status, _, location := c.head(hexSum(photo)); status != 404 || location != path {
		t.Errorf("%d %s, begun at %s", status, location, path)
	}
	// termination
	if response, _ := c.ask("DELETE", path, nil); response.StatusCode != 204 {
		t.Errorf("DELETE: %d", response.StatusCode)
	}
	if response, _ := c.ask("HEAD", path, nil); response.StatusCode != 404 {
		t.Errorf("HEAD after DELETE: %d", response.StatusCode)
	}
	c.checkNothingLeft()
}

// A week and a restart later an upload goes on; after ten days it is gone.
func TestAPausedUpload(t *testing.T) {
	w := newWorld(t)
	c := newCamera(w, newPatch(w))
	photo := demo.Photo(1, 0)
	id := c.record(hexSum(photo), nil)
	path, lost := c.begin(photo), c.begin(demo.Photo(1, 1))
	if status, _, raw := c.chunk(path, 0, photo[:700]); status != 204 {
		t.Fatalf("%d %s", status, raw)
	}
	pause := func(days int) {
		w.stop()
		w.now = w.now.AddDate(0, 0, days)
		w.start(w.app.DataDir())
		w.run("gridwalk_uploads")
	}
	pause(8)
	if status, _, raw := c.chunk(path, 700, photo[700:800]); status != 204 {
		t.Fatalf("after eight days: %d %s", status, raw)
	}
	pause(8)
	if response, _ := c.ask("HEAD", lost, nil); response.StatusCode != 404 {
		t.Errorf("what nobody came back for is still there: %d", response.StatusCode)
	}
	if status, state, raw := c.chunk(path, 800, photo[800:]); status != 204 || state != "safe" {
		t.Fatalf("%d %q %s", status, state, raw)
	}
	c.checkKept(id, photo)
	c.checkNothingLeft()
}

func TestUploadLimits(t *testing.T) {
	w := newWorld(t)
	w.settings = func(s *hooks.Settings) { s.Uploads.PerDevice, s.Uploads.Total = 3, 5000 }
	w.restart()
	c := newCamera(w, newPatch(w))
	create := func(c *camera, size int, sum string) (int, string) {
		response, raw := c.ask("POST", "/api/uploads/", nil, "Upload-Length", strconv.Itoa(size), "Upload-Metadata", shaMetadata(sum))
		return response.StatusCode, string(raw)
	}
	sum := func(n int) string { return fmt.Sprintf("%064x", n) }
	for _, test := range []struct {
		name         string
		size         int
		sum          string
		status       int
		code, header string
	}{
		{"a byte too large", 30<<20 + 1, sum(1), 413, "too_large", ""},
		{"no hash", 10, "", 400, "bad_upload", ""},
		{"the first", 10, sum(1), 201, "", ""},
		{"the second", 10, sum(2), 201, "", ""},
		{"more than the disk may hold", 4990, sum(3), 507, "quota", "300"},
		{"the third", 10, sum(3), 201, "", ""},
		{"the first once more replaces it", 10, sum(1), 201, "", ""},
		{"the fourth", 10, sum(4), 429, "quota", "300"},
	} {
		if status, raw := create(c, test.size, test.sum); status != test.status || test.code != "" && !strings.Contains(raw, `"`+test.code+`"`) {
			t.Errorf("%s: %d %s", test.name, status, raw)
		}
	}
	if status, raw := create(newCamera(w, c.patch), 10, sum(4)); status != 201 {
		t.Errorf("another device: %d %s", status, raw)
	}
	w.settings = func(s *hooks.Settings) { s.Uploads.MinFree = 1 << 60 }
	w.restart()
	if status, raw := create(c, 10, sum(9)); status != 507 || !strings.Contains(raw, `"storage_full"`) {
		t.Errorf("a full disk: %d %s", status, raw)
	}
	if response, raw := c.ask("PUT", "/api/uploads/blob/"+sum(5), bytes.NewReader(make([]byte, 30<<20+1))); response.StatusCode != 413 || !strings.Contains(string(raw), `"too_large"`) {
		t.Errorf("a whole upload that is too large: %d %s", response.StatusCode, raw)
	}
}

// What a process that died left half made of an upload is gone after the start,
// and what it left whole is finished.
func TestWhatADeadProcessLeaves(t *testing.T) {
	w := newWorld(t)
	c := newCamera(w, newPatch(w))
	photo := demo.Photo(1, 0)
	id := c.record(hexSum(photo), nil)
	path := c.begin(photo)
	dir := filepath.Join(w.app.DataDir(), hooks.UploadsDir)
	w.stop()
	// All bytes had come, and nobody was told.
	if err := os.WriteFile(filepath.Join(dir, filepath.Base(path)), photo, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{"bytesnoinfo0001": "x", "halfainfo000001.info": `{"id":"ha`, "halfainfo000001": "", "infonobytes0001.info": `{"id":"infonobytes0001"}`, "x.new": ""} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	w.start(w.app.DataDir())
	w.arrived(id)
	c.checkKept(id, photo)
	if status, state, _ := c.head(hexSum(photo)); status != 200 || state != "safe" {
		t.Errorf("%d %s", status, state)
	}
	c.checkNothingLeft()
}

package server

import (
	"bytes"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"gridwalk/demo"
)

// With PocketBase's S3 settings photographs lie in a bucket: in chunks, as a
// whole file and by a form; previews, marks and deletion as on a disk.
func TestPhotographsInABucket(t *testing.T) {
	w := newWorld(t)
	store := s3mem.New()
	if err := store.CreateBucket("photographs"); err != nil {
		t.Fatal(err)
	}
	bucket := httptest.NewServer(gofakes3.New(store).Server())
	t.Cleanup(bucket.Close)
	settings := w.app.Settings()
	settings.S3.Enabled, settings.S3.Endpoint, settings.S3.Bucket = true, bucket.URL, "photographs"
	settings.S3.Region, settings.S3.AccessKey, settings.S3.Secret, settings.S3.ForcePathStyle = "any", "key", "secret", true
	if err := w.app.Save(settings); err != nil {
		t.Fatal(err)
	}
	stored := func() (keys []string) {
		list, err := store.ListBucket("photographs", nil, gofakes3.ListBucketPage{})
		if err != nil {
			t.Fatal(err)
		}
		for _, object := range list.Contents {
			keys = append(keys, object.Key)
		}
		return keys
	}
	p := newPatch(w)
	c := newCamera(w, p)
	photo := demo.Photo(1, 0)
	id := c.record(hexSum(photo), nil)
	if _, state, raw := c.chunk(c.begin(photo), 0, photo); state != "safe" {
		t.Fatalf("%s %s", state, raw)
	}
	w.settled(id)
	r := w.read("evidence", id)
	if got := p.fetch(w, id, r.GetString("file"), ""); r.GetString("status") != "ready" || !bytes.Equal(got.Raw, photo) {
		t.Errorf("%s, %s", r.GetString("status"), got)
	}
	p.preview(w, r, "1600x0")
	again := c.record(hexSum(photo), nil) // the bytes of another record are copied
	if status, state, _ := c.head(hexSum(photo)); status != 200 || state != "safe" {
		t.Errorf("asked for known bytes: %d %s", status, state)
	}
	if got := w.read("evidence", again).GetString("upload_state"); got != "done" {
		t.Errorf("the second record is %s", got)
	}
	form := p.made(w, demo.Photo(1, 1), nil)
	if form.GetString("status") != "ready" {
		t.Errorf("by a form: %s", form.GetString("status"))
	}
	if n := strings.Count(strings.Join(stored(), "\n"), form.Id+"/"); n < 5 {
		t.Errorf("in the bucket: %v", stored())
	}
	if err := w.app.Delete(form); err != nil {
		t.Fatal(err)
	}
	// PocketBase deletes files after the answer.
	for deadline := time.Now().Add(30 * time.Second); strings.Contains(strings.Join(stored(), "\n"), form.Id+"/"); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("left in the bucket: %v", stored())
		}
	}
}

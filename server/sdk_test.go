package server

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
)

// The package that is served is what npm would install, and every module that
// it names is there on its own, too.
func TestTheSDKIsServed(t *testing.T) {
	w := newWorld(t)
	get := func(path, tag string) (*http.Response, []byte) {
		t.Helper()
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.url+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("If-None-Match", tag)
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		return response, body
	}
	response, archive := get("/sdk/gridwalk-0.1.0.tgz", "")
	if response.StatusCode != http.StatusOK {
		t.Fatalf("the package: %d", response.StatusCode)
	}
	unzip, err := gzip.NewReader(bytes.NewReader(archive))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for in := tar.NewReader(unzip); ; {
		header, err := in.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if files[strings.TrimPrefix(header.Name, "package/")], err = io.ReadAll(in); err != nil {
			t.Fatal(err)
		}
	}
	var described struct {
		Exports map[string]map[string]string `json:"exports"`
	}
	if err := json.Unmarshal(files["package.json"], &described); err != nil || len(described.Exports) == 0 {
		t.Fatalf("package.json exports nothing (%v)", err)
	}
	for entry, conditions := range described.Exports {
		for _, file := range conditions {
			if files[strings.TrimPrefix(file, "./")] == nil {
				t.Errorf("%s exports %s, which is not in the package", entry, file)
			}
		}
	}
	for name, content := range files {
		path, ok := strings.CutPrefix(name, "dist/")
		if !ok {
			continue
		}
		response, body := get("/sdk/"+path, "")
		if response.StatusCode != http.StatusOK || !bytes.Equal(body, content) {
			t.Errorf("/sdk/%s: %d", path, response.StatusCode)
		}
		if again, _ := get("/sdk/"+path, response.Header.Get("ETag")); again.StatusCode != http.StatusNotModified {
			t.Errorf("/sdk/%s is sent again: %d", path, again.StatusCode)
		}
	}
}

package commands

import (
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"
)

// What is wrong with the line is said on stderr, and no data directory is made.
func TestWrongLines(t *testing.T) {
	for _, c := range []struct {
		says string
		args []string
	}{
		{`unknown command "nonsense"`, []string{"nonsense"}},
		{`unknown command "nonsense"`, []string{"import", "nonsense"}},
		{`unknown command "nonsense"`, []string{"superuser", "nonsense"}},
		{`unknown command "nonsense"`, []string{"doctor", "nonsense"}},
		{"unknown flag: --nonsense", []string{"serve", "--nonsense"}},
		{"unknown flag: --nonsense", []string{"doctor", "--nonsense"}},
		{"accepts 1 arg", []string{"import", "grids"}},
		{"no such file", []string{"import", "grids", "missing.geojson"}},
		{"datum", []string{"import", "grids", "line_test.go", "--datum", "mars"}},
		{"there is no database in", []string{"doctor"}},
		{"connection refused", []string{"health", "--url", "http://127.0.0.1:1"}},
	} {
		t.Run(strings.Join(c.args, " "), func(t *testing.T) {
			dir := t.TempDir()
			if err := os.WriteFile(dir+"/line_test.go", nil, 0o600); err != nil {
				t.Fatal(err)
			}
			o := gridwalkIn(t, dir, c.args...)
			if o.Code == 0 || !strings.Contains(o.Err, c.says) || o.Out != "" {
				t.Errorf("%+v", o)
			}
			if made, _ := os.ReadDir(dir); len(made) != 1 {
				t.Errorf("made %v", made)
			}
		})
	}
}

// What only tells something needs no database, and makes none.
func TestLinesThatOnlyTell(t *testing.T) {
	for line, want := range map[string]string{
		"":               "Usage:",
		"--help":         "Usage:",
		"serve --help":   "--http",
		"doctor -h":      "--repair",
		"import":         "grids",
		"--version":      "gridwalk version",
		"version":        "PocketBase",
		"demo --help":    "--preset",
		"version --help": "Print the version",
	} {
		dir := t.TempDir()
		if o := gridwalkIn(t, dir, strings.Fields(line)...); o.Code != 0 || !strings.Contains(o.Out, want) {
			t.Errorf("gridwalk %s: %+v", line, o)
		}
		if made, _ := os.ReadDir(dir); len(made) != 0 {
			t.Errorf("gridwalk %s makes %v", line, made)
		}
	}
	if o := gridwalk(t, "version"); !regexp.MustCompile(`^gridwalk \S+ \(PocketBase .+, go1\.\S+\)\n$`).MatchString(o.Out) {
		t.Errorf("version: %q", o.Out)
	}
}

func TestHealth(t *testing.T) {
	status := http.StatusOK
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }))
	defer server.Close()
	if o := gridwalk(t, "health", "--url", server.URL); o.Code != 0 || o.Out != "healthy\n" {
		t.Errorf("%+v", o)
	}
	status = http.StatusServiceUnavailable
	refuses(t, "503", "health", "--url", server.URL)
}

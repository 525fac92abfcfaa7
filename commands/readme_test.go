package commands

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
)

// shell runs lines as a reader would who pastes them.
func shell(t *testing.T, dir, lines string) string {
	t.Helper()
	command := exec.Command("bash", "-euo", "pipefail", "-c", lines)
	command.Dir = dir
	var errOut strings.Builder
	command.Stderr = &errOut
	out, err := command.Output()
	if err != nil {
		t.Fatalf("%s\n%v: %s%s", lines, err, out, errOut.String())
	}
	return string(out)
}

// readmeBlocks gives the shell blocks of the README, in order.
func readmeBlocks(t *testing.T) []string {
	t.Helper()
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	var blocks []string
	for _, m := range regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllStringSubmatch(string(readme), -1) {
		blocks = append(blocks, m[1])
	}
	return blocks
}

// Every command that the README shows does what the README says.
func TestReadme(t *testing.T) {
	blocks := readmeBlocks(t)
	if len(blocks) != 3 {
		t.Fatalf("the README has %d shell blocks; this test knows 3", len(blocks))
	}
	t.Run("the two commands are targets", func(t *testing.T) {
		for _, line := range strings.Split(strings.TrimSpace(blocks[0]), "\n") {
			command, _, _ := strings.Cut(line, "#")
			if plan := shell(t, "..", strings.Replace(command, "make", "make -n", 1)); !strings.Contains(plan, "go ") {
				t.Errorf("%s does %q", command, plan)
			}
		}
	})
	t.Run("the first check-in", func(t *testing.T) {
		p, r := runDemo(t, t.TempDir())
		out := shell(t, t.TempDir(), strings.ReplaceAll(blocks[1], "http://127.0.0.1:8090", r.URL))
		var record row
		if err := json.Unmarshal([]byte(out), &record); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		if record["verdict_server"] != "inside" || record["grid_found"] == "" || record["distance_m"].(float64) >= 0 {
			t.Errorf("%s", out)
		}
		p.end(syscall.SIGTERM)
	})
	t.Run("your own map", func(t *testing.T) {
		dir := t.TempDir()
		city, err := filepath.Abs(wuhu)
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.NewReplacer("go run .", binary, "your-map.geojson", city).Replace(blocks[2])
		lines, serving, ok := strings.Cut(lines, binary+" serve")
		if !ok || strings.TrimSpace(serving) != "" {
			t.Fatalf("the block does not end with serve: %s", blocks[2])
		}
		out := shell(t, dir, lines)
		if !strings.Contains(out, "dry run: 8 grids would be new") || !strings.Contains(out, "imported: 8 grids new, 0 updated") {
			t.Errorf("%s", out)
		}
		serve(t, filepath.Join(dir, "gw_data")).end(syscall.SIGTERM)
	})
}

// The lines that the demo prints for people work as they stand.
func TestDemoTellsPeopleWhatToTry(t *testing.T) {
	p := launch(t, "demo", "--dir", t.TempDir(), "--http", "127.0.0.1:0")
	var lines []string
	for line := range p.rest {
		if line = strings.TrimSpace(line); strings.HasPrefix(line, "TOKEN=") || strings.HasPrefix(line, "curl") {
			lines = append(lines, line)
		}
		if strings.HasPrefix(line, "Press Ctrl-C") {
			break
		}
	}
	if len(lines) != 3 {
		t.Fatalf("%d lines to try: %s", len(lines), p.log.String())
	}
	out := shell(t, t.TempDir(), strings.Join(lines, "\n"))
	if !strings.Contains(out, `"verdict_server":"inside"`) || !strings.Contains(out, `"totalItems"`) || !strings.Contains(out, `"name"`) {
		t.Errorf("%s", out)
	}
}

// make alone lists every target with what it does.
func TestMakeExplainsItself(t *testing.T) {
	makefile, err := os.ReadFile("../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	_, phony, _ := strings.Cut(string(makefile), ".PHONY:")
	phony, _, _ = strings.Cut(phony, "\n")
	list := shell(t, "..", "make")
	for _, target := range strings.Fields(phony) {
		if !regexp.MustCompile(`(?m)^  make ` + target + ` +\S`).MatchString(list) {
			t.Errorf("make does not list %s:\n%s", target, list)
		}
	}
}

// What docs/meters.md shows works against the demo, whose one alert an officer
// has on his list.
func TestMetersPage(t *testing.T) {
	page, err := os.ReadFile("../docs/meters.md")
	if err != nil {
		t.Fatal(err)
	}
	block := regexp.MustCompile("(?s)```sh\n(.*?)```").FindStringSubmatch(string(page))
	p, r := runDemo(t, t.TempDir())
	out := shell(t, t.TempDir(), strings.ReplaceAll(block[1], "http://127.0.0.1:8090", r.URL))
	for _, want := range []string{`"received":3,"stored":2`, `"oddities":["negative"],"stored":true`, `"oddities":["unknown_meter"],"stored":false`} {
		if !strings.Contains(out, want) {
			t.Errorf("%s has no %s", out, want)
		}
	}
	out = shell(t, t.TempDir(), `TOKEN=$(curl -s `+r.URL+`/api/collections/_superusers/auth-with-password -d identity=`+r.Superuser.Email+` -d password=`+r.Superuser.Password+
		` | sed 's/.*"token":"\([^"]*\)".*/\1/')
curl -s "`+r.URL+`/api/collections/alerts/records" -H "Authorization: $TOKEN"`)
	if !strings.Contains(out, `"totalItems":1`) || !strings.Contains(out, `"kind":"water_no_flow"`) {
		t.Errorf("%s", out)
	}
	p.end(syscall.SIGTERM)
}

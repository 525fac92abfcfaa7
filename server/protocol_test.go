package server

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gridwalk/merge"
	hooks "gridwalk/pb_hooks"
)

// The curl examples of docs/protocol.md work as they stand there.
func TestProtocolExamplesRun(t *testing.T) {
	page, err := os.ReadFile("../docs/protocol.md")
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t)
	p := newPatch(w)
	script := "set -eu\n"
	for _, block := range regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllStringSubmatch(string(page), -1) {
		script += block[1] + "\necho; echo ----\n"
	}
	command := exec.CommandContext(t.Context(), "bash", "-c", script)
	command.Env = append(os.Environ(), "URL="+w.url, "EMAIL="+p.officer.GetString("email"), "PASSWORD=walk-the-grid")
	out, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	parts := strings.Split(string(out), "----\n")
	for i, want := range []string{"", `"cursor":"`, `"status":"applied"`, `"sum":"`, `"boundary":[[[`} {
		if !strings.Contains(parts[i], want) {
			t.Errorf("example %d prints %s", i, parts[i])
		}
	}
}

// docs/openapi.json describes exactly the routes that there are.
func TestOpenAPIMatchesTheRoutes(t *testing.T) {
	raw, err := os.ReadFile("../docs/openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	var api struct {
		Paths map[string]map[string]any
	}
	if err := json.Unmarshal(raw, &api); err != nil {
		t.Fatal(err)
	}
	var served []string
	w := newWorld(t)
	for _, route := range hooks.SyncRoutes() {
		served = append(served, route.Path)
		if a := w.call(route.Method, route.Path, "", row{}); a.Status != 401 {
			t.Errorf("%s: %s", route.Path, a)
		}
	}
	slices.Sort(served)
	if described := slices.Sorted(maps.Keys(api.Paths)); !slices.Equal(described, served) {
		t.Errorf("described %v, served %v", described, served)
	}
}

var codeText = regexp.MustCompile(`^[a-z][a-z_]+$`)

// Every code that the engine can answer stands in docs/protocol.md.
func TestEveryErrorCodeIsDocumented(t *testing.T) {
	page, err := os.ReadFile("../docs/protocol.md")
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("../replica/*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range append(files, "../pb_hooks/sync.go", "../pb_hooks/phonemap.go") {
		tree, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(tree, func(n ast.Node) bool {
			var code ast.Expr
			switch n := n.(type) {
			case *ast.CallExpr:
				if name, ok := n.Fun.(*ast.Ident); ok && (name.Name == "badRequest" || name.Name == "rejected") {
					code = n.Args[0]
				}
			case *ast.KeyValueExpr:
				if key, ok := n.Key.(*ast.Ident); ok && key.Name == "Code" {
					code = n.Value
				}
			}
			if text, ok := code.(*ast.BasicLit); ok {
				if name := strings.Trim(text.Value, `"`); codeText.MatchString(name) && !strings.Contains(string(page), "`"+name+"`") {
					t.Errorf("%s: %s is not in docs/protocol.md", file, name)
				}
			}
			return true
		})
	}
}

// Every field of every collection that phones write has a policy, and every
// policy has a field.
func TestEveryFieldHasAPolicy(t *testing.T) {
	w := newWorld(t)
	implied := []string{"id", "created", "updated"}
	for name, policies := range merge.Collections {
		collection, err := w.app.FindCollectionByNameOrId(name)
		if err != nil {
			t.Errorf("%s has policies, but is no collection", name)
			continue
		}
		fields := map[string]bool{}
		for _, field := range collection.Fields {
			fields[field.GetName()] = true
			if _, ok := policies[field.GetName()]; !ok && !slices.Contains(implied, field.GetName()) {
				t.Errorf("%s.%s has no policy", name, field.GetName())
			}
		}
		for field := range policies {
			if !fields[field] {
				t.Errorf("%s.%s has a policy, but is no field", name, field)
			}
		}
	}
	for _, c := range ours(t, w) {
		if c.Fields.GetByName("client_updated_at") != nil && merge.Collections[c.Name] == nil {
			t.Errorf("%s is written by phones, but has no policies", c.Name)
		}
	}
}

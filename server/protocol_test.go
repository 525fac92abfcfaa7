package server

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
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
	w.restartWith(func(s *hooks.Settings) { s.OpenEnrolment = true })
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
	for i, want := range []string{"", `"cursor":"`, `"status":"applied"`, `"sum":"`,
		`"status":"applied"`, `X-Gridwalk-State: safe`, `"state":"safe"`, `"boundary":[[[`, `"neglected":[`, `"secret":"`} {
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
	served, described := []string{"GET /api/workflows", "POST /api/parcels"}, []string{} // those that serve everybody
	w := newWorld(t)
	routes := hooks.Routes()
	for _, route := range hooks.SyncRoutes() {
		routes = append(routes, hooks.Route{Method: route.Method, Path: route.Path})
	}
	for _, route := range routes {
		served = append(served, route.Method+" "+route.Path)
		if strings.HasPrefix(route.Path, "/api/devices/") {
			continue // by which a phone without a valid token gets one
		}
		path := strings.NewReplacer("{id}", "a", "{sha256}", "a").Replace(route.Path)
		if a := w.call(route.Method, path, "", row{}); a.Status != 401 {
			t.Errorf("%s %s: %s", route.Method, path, a)
		}
	}
	for path, methods := range api.Paths {
		for method := range methods {
			if method != "parameters" && method != "options" {
				described = append(described, strings.ToUpper(method)+" "+path)
			}
		}
	}
	slices.Sort(served)
	slices.Sort(described)
	if !slices.Equal(described, served) {
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
	ours, err := filepath.Glob("../uploads/*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range append(append(files, ours...), "../pb_hooks/sync.go", "../pb_hooks/phonemap.go") {
		tree, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments)
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
				// refuse(status, code, …) of package uploads.
				if name, ok := n.Fun.(*ast.Ident); ok && name.Name == "refuse" {
					code = n.Args[1]
				}
			case *ast.GenDecl:
				if n.Tok == token.CONST && strings.HasPrefix(n.Doc.Text(), "Codes of") {
					for _, spec := range n.Specs {
						code := spec.(*ast.ValueSpec).Values[0].(*ast.BasicLit).Value
						if !strings.Contains(string(page), "`"+strings.Trim(code, `"`)+"`") {
							t.Errorf("%s: %s is not in docs/protocol.md", file, code)
						}
					}
				}
			case *ast.KeyValueExpr:
				if key, ok := n.Key.(*ast.BasicLit); ok && strings.HasPrefix(key.Value, `"ERR_`) {
					code = n.Value
				}
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

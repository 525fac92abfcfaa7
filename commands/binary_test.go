package commands

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// binary is the real program, built once for all tests.
var binary string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "gridwalk-binary-")
	if err != nil {
		panic(err)
	}
	binary = filepath.Join(dir, "gridwalk")
	if out, err := exec.Command("go", "build", "-o", binary, "gridwalk").CombinedOutput(); err != nil {
		panic(string(out))
	}
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// outcome is how a run of the program ended.
type outcome struct {
	Code     int
	Out, Err string
}

// gridwalk runs the program to its end in an empty directory.
func gridwalk(t *testing.T, args ...string) outcome {
	t.Helper()
	return gridwalkIn(t, t.TempDir(), args...)
}

func gridwalkIn(t *testing.T, dir string, args ...string) outcome {
	t.Helper()
	command := exec.Command(binary, args...)
	command.Dir = dir
	var out, errOut bytes.Buffer
	command.Stdout, command.Stderr = &out, &errOut
	err := command.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	o := outcome{command.ProcessState.ExitCode(), out.String(), errOut.String()}
	if strings.Contains(o.Err, "goroutine ") {
		t.Errorf("gridwalk %v shows a stack trace:\n%s", args, o.Err)
	}
	return o
}

// refuses runs the program, wants it to fail, and gives what it says.
func refuses(t *testing.T, says string, args ...string) outcome {
	t.Helper()
	o := gridwalk(t, args...)
	if o.Code == 0 || !strings.Contains(o.Err, says) || !strings.HasPrefix(o.Err, "gridwalk: ") {
		t.Errorf("gridwalk %v: exit %d, want a failure that says %q: %s", args, o.Code, says, o.Err)
	}
	return o
}

// process is the program, serving.
type process struct {
	t       *testing.T
	command *exec.Cmd
	url     string
	log     bytes.Buffer
	rest    chan string
}

// serve runs `gridwalk serve` on dir until it answers.
func serve(t *testing.T, dir string) *process {
	t.Helper()
	p := launch(t, "serve", "--dir", dir, "--http", freeAddress(t))
	p.url = "http://" + p.command.Args[len(p.command.Args)-1]
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if answer, err := http.Get(p.url + "/api/health"); err == nil {
			answer.Body.Close()
			return p
		}
	}
	p.end(syscall.SIGKILL)
	t.Fatalf("the server does not answer: %s", p.log.String())
	return nil
}

// runDemo runs `gridwalk demo --json` on dir until it says that it is ready.
func runDemo(t *testing.T, dir string) (*process, ready) {
	t.Helper()
	p := launch(t, "demo", "--dir", dir, "--http", "127.0.0.1:0", "--json")
	line, ok := <-p.rest
	if !ok {
		_ = p.command.Wait() // its end is told by what it wrote
		t.Fatalf("the demo ended: %s", p.log.String())
	}
	var r ready
	if err := json.Unmarshal([]byte(line), &r); err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	p.url = r.URL
	return p, r
}

// ready is what the demo prints for programs.
type ready struct {
	URL       string
	Dashboard string
	Superuser struct{ Email, Password string }
	Officers  []struct {
		Email, Password, Role string
		GridCode              string `json:"grid_code"`
		GridID                string `json:"grid_id"`
	}
}

func launch(t *testing.T, args ...string) *process {
	t.Helper()
	p := &process{t: t, command: exec.Command(binary, args...), rest: make(chan string, 1000)}
	p.command.Stderr = &p.log
	out, err := p.command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.command.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(p.rest)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			p.rest <- lines.Text()
		}
	}()
	t.Cleanup(func() {
		if p.command.ProcessState == nil {
			p.end(syscall.SIGKILL)
		}
	})
	return p
}

// end sends a signal, waits, and gives the exit code.
func (p *process) end(signal syscall.Signal) int {
	p.t.Helper()
	if err := p.command.Process.Signal(signal); err != nil {
		p.t.Error(err)
	}
	for range p.rest { // the pipe must be read before Wait
	}
	_ = p.command.Wait() // the exit code says it
	return p.command.ProcessState.ExitCode()
}

type row = map[string]any

// answer is what a server said; Status is 0 when it went away instead.
type answer struct {
	Status int
	Body   row
	Raw    []byte
}

func (p *process) call(method, path, token string, body any) answer {
	raw, err := json.Marshal(body)
	if err != nil {
		p.t.Error(err)
	}
	return p.do(method, path, token, "application/json", bytes.NewReader(raw))
}

func (p *process) do(method, path, token, contentType string, body io.Reader) answer {
	request, err := http.NewRequest(method, p.url+path, body)
	if err != nil {
		p.t.Error(err)
		return answer{}
	}
	request.Header.Set("Content-Type", contentType)
	request.Header.Set("Authorization", token)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return answer{}
	}
	defer response.Body.Close()
	a := answer{Status: response.StatusCode}
	if a.Raw, err = io.ReadAll(response.Body); err != nil {
		return answer{}
	}
	_ = json.Unmarshal(a.Raw, &a.Body) // files are no JSON
	return a
}

// upload posts a form with one file.
func (p *process) upload(path, token string, fields map[string]string, data []byte) answer {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for k, v := range fields {
		_ = form.WriteField(k, v) // a buffer does not fail
	}
	if part, err := form.CreateFormFile("file", "photo.jpg"); err == nil {
		_, _ = part.Write(data) // nor here
	}
	form.Close()
	return p.do("POST", path, token, form.FormDataContentType(), &body)
}

func (p *process) signIn(collection, email, password string) string {
	p.t.Helper()
	a := p.call("POST", "/api/collections/"+collection+"/auth-with-password", "", row{"identity": email, "password": password})
	token, ok := a.Body["token"].(string)
	if !ok {
		p.t.Fatalf("%s cannot sign in: %d %s", email, a.Status, a.Raw)
	}
	return token
}

func records(collection string) string { return "/api/collections/" + collection + "/records" }

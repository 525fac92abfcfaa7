package uploads

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	tusd "github.com/tus/tusd/v2/pkg/handler"
	"github.com/tus/tusd/v2/pkg/memorylocker"
	"golang.org/x/exp/slog"
	"golang.org/x/sync/singleflight"
)

// Headers in which a phone is told more than tus has words for. The answer to a
// HEAD has no body, so its refusal is in a header, too.
const (
	StateHeader  = "X-Gridwalk-State"
	ReasonHeader = "X-Gridwalk-Reason"
	ErrorHeader  = "X-Gridwalk-Error"
)

// silence is how long a phone may send nothing within a request.
const silence = time.Minute

// Handler answers for uploads. It does not know who calls: that is told with
// every request.
type Handler struct {
	parts  *Parts
	keeper Keeper
	base   string
	tus    *tusd.Handler
	ends   singleflight.Group
}

// NewHandler makes a handler for uploads below the path base, which ends with a
// slash.
func NewHandler(parts *Parts, keeper Keeper, base string) (*Handler, error) {
	store := tusStore{parts}
	composer := tusd.NewStoreComposer()
	composer.UseCore(store)
	composer.UseTerminater(store)
	memorylocker.New().UseIn(composer)
	cors := tusd.DefaultCorsConfig
	cors.AllowOrigin = regexp.MustCompile(".*")
	cors.AllowHeaders += ", X-Gridwalk-Device, Upload-Checksum"
	cors.ExposeHeaders += ", Upload-Expires, Retry-After, " + StateHeader + ", " + ReasonHeader + ", " + ErrorHeader
	tus, err := tusd.NewHandler(tusd.Config{StoreComposer: composer, MaxSize: parts.limits.MaxBytes, BasePath: base, DisableDownload: true, DisableConcatenation: true,
		Cors: &cors, Logger: slog.New(slog.NewTextHandler(io.Discard, nil)), NetworkTimeout: silence, GracefulRequestCompletionTimeout: time.Second})
	if err != nil {
		return nil, fmt.Errorf("make tus handler: %w", err)
	}
	return &Handler{parts: parts, keeper: keeper, base: base, tus: tus}, nil
}

// Options answers a tus client that asks what there is, and a browser that asks
// whether it may. Nobody needs to be signed in for it.
func (h *Handler) Options(w http.ResponseWriter, r *http.Request) error {
	answer := &buffered{ResponseWriter: w, header: w.Header().Clone(), status: http.StatusOK}
	h.tus.ServeHTTP(answer, r)
	answer.header.Set("Tus-Extension", h.tus.SupportedExtensions()+",checksum,expiration")
	answer.header.Set("Tus-Checksum-Algorithm", "sha1,sha256")
	return answer.send()
}

// Tus answers a request of the tus protocol. id is what follows the base in the
// path, empty for a creation.
func (h *Handler) Tus(w http.ResponseWriter, r *http.Request, caller Caller, id string) error {
	// tusd leaves goroutines behind that wait for the end of the request.
	ctx, cancel := context.WithCancel(context.WithValue(r.Context(), callerKey{}, caller))
	defer cancel()
	if header := r.Header.Get("Upload-Checksum"); header != "" {
		sum, err := parseChecksum(header)
		if err != nil {
			return err
		}
		ctx = context.WithValue(ctx, checksumKey{}, sum)
	}
	// Asked for the lock of an upload, tusd ends the request that holds it: a
	// stranger must not come that far.
	if _, mine := h.parts.get(caller, id); id != "" && !mine {
		return refuse(404, NotFound, "There is no such upload.")
	}
	answer := &buffered{ResponseWriter: w, header: w.Header().Clone(), status: http.StatusOK}
	r = r.Clone(ctx)
	r.URL.Path = "/" + id
	h.tus.ServeHTTP(answer, r)
	answer.end()
	if answer.status >= 400 {
		return answer.refusal()
	}
	if location := answer.header.Get("Location"); location != "" {
		// Relative, so that it is right behind every proxy.
		id = location[strings.LastIndexByte(location, '/')+1:]
		answer.header.Set("Location", h.base+id)
	}
	if part, ok := h.parts.get(caller, id); ok {
		answer.header.Set("Upload-Expires", part.Touched.Add(h.parts.limits.Keep).UTC().Format(http.TimeFormat))
		outcome, err := h.finish(part)
		if err != nil {
			return err
		}
		setOutcome(answer.header, outcome)
	}
	return answer.send()
}

// finish hands a part over when it is whole. It may be called again and again:
// a server that died in the midst of it goes on where it was.
func (h *Handler) finish(part Part) (Outcome, error) {
	if offset, err := h.parts.offset(part.ID); err != nil || offset < part.Size {
		return Outcome{}, err
	}
	outcome, err, _ := h.ends.Do(part.Officer+" "+part.SHA256, func() (any, error) { return h.handOver(part) })
	if err != nil {
		return Outcome{}, err
	}
	return outcome.(Outcome), nil
}

func (h *Handler) handOver(part Part) (Outcome, error) {
	found, err := h.parts.verify(part)
	if err != nil {
		return Outcome{}, err
	}
	if found != part.SHA256 {
		if err := h.keeper.Refuse(part, h.parts.path(part.ID), found); err != nil {
			return Outcome{}, err
		}
		return Outcome{}, errors.Join(refuse(422, HashMismatch, "The SHA-256 of what arrived is %s. Compare it with the file and send it anew.", found), h.parts.Remove(part.ID))
	}
	outcome, err := h.keeper.Keep(part, h.parts.path(part.ID))
	if err != nil {
		return Outcome{}, diskError(err)
	}
	return outcome, h.settle(part.Officer, part.SHA256, outcome)
}

// settle removes every part of an officer's photograph once it is with its
// record, those of his other devices, too.
func (h *Handler) settle(officer, sum string, outcome Outcome) (failed error) {
	if outcome.State != Safe && outcome.State != Rejected {
		return nil
	}
	for _, part := range h.parts.Of(officer, sum) {
		failed = errors.Join(failed, h.parts.Remove(part.ID))
	}
	return failed
}

// Retry hands over what waits of an officer's photograph, because a record asks
// for it now.
func (h *Handler) Retry(officer, sum string) error {
	var failed error
	for _, part := range h.parts.Of(officer, sum) {
		_, err := h.finish(part)
		failed = errors.Join(failed, err)
	}
	return failed
}

// RetryAll hands over every part that is whole: what a server that died left.
func (h *Handler) RetryAll() error {
	var failed error
	for _, part := range h.parts.whole() {
		_, err := h.finish(part)
		failed = errors.Join(failed, err)
	}
	return failed
}

// Blob answers for a whole photograph, named by its hash: HEAD tells whether
// the server has it, PUT sends it.
func (h *Handler) Blob(w http.ResponseWriter, r *http.Request, caller Caller, sum string) error {
	if !hexSHA256.MatchString(sum) {
		return refuse(404, NotFound, "A photograph is named by its SHA-256, in 64 lower-case hex digits.")
	}
	outcome, err := h.look(caller, sum)
	if err != nil {
		return err
	}
	switch {
	case r.Method == http.MethodHead && outcome.State == "":
		// The device may have lost the address under which it had begun.
		for _, part := range h.parts.Of(caller.ID, sum) {
			if part.Device == caller.Device {
				w.Header().Set("Location", h.base+part.ID)
			}
		}
		return refuse(404, NotFound, "The server has no such photograph of yours.")
	case r.Method == http.MethodHead:
		setOutcome(w.Header(), outcome)
		w.WriteHeader(http.StatusOK)
		return nil
	case r.Method != http.MethodPut:
		w.Header().Set("Allow", "HEAD, PUT")
		return refuse(405, "bad_method", "HEAD or PUT.")
	case outcome.State == "":
		if outcome, err = h.take(w, r, caller, sum); err != nil {
			return err
		}
	}
	setOutcome(w.Header(), outcome)
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusOK)
	return json.NewEncoder(w).Encode(outcome)
}

// look tells what the server has of a photograph, after it has done what it can
// with the parts that are whole.
func (h *Handler) look(caller Caller, sum string) (Outcome, error) {
	for _, part := range h.parts.Of(caller.ID, sum) {
		outcome, err := h.finish(part)
		if err != nil || outcome.State != "" {
			return outcome, err
		}
	}
	outcome, err := h.keeper.Known(caller, sum)
	if err != nil {
		return outcome, err
	}
	return outcome, h.settle(caller.ID, sum, outcome)
}

// take reads a whole photograph from the body of a PUT. One that is cut off is
// forgotten: a client that sends whole files cannot go on with it.
func (h *Handler) take(w http.ResponseWriter, r *http.Request, caller Caller, sum string) (Outcome, error) {
	if r.ContentLength < 0 {
		return Outcome{}, refuse(411, "bad_upload", "Say the length of the photograph in Content-Length.")
	}
	part, err := h.parts.create(caller, sum, r.ContentLength)
	if err != nil {
		return Outcome{}, err
	}
	n, err := h.parts.write(part.ID, 0, &patient{r.Body, http.NewResponseController(w)})
	if n < part.Size {
		return Outcome{}, errors.Join(refuse(400, Truncated, "%d of %d bytes arrived.", n, part.Size), h.parts.Remove(part.ID))
	}
	if err != nil {
		return Outcome{}, err
	}
	return h.finish(part)
}

// patient is a body that may take as long as it likes, as long as something
// comes.
type patient struct {
	io.Reader
	deadlines *http.ResponseController
}

func (p *patient) Read(b []byte) (int, error) {
	now := time.Now()
	// A server that knows no deadlines, as in tests, has none to move.
	_ = p.deadlines.SetReadDeadline(now.Add(silence))
	_ = p.deadlines.SetWriteDeadline(now.Add(2 * silence))
	return p.Reader.Read(b)
}

func setOutcome(header http.Header, o Outcome) {
	for name, value := range map[string]string{StateHeader: o.State, ReasonHeader: o.Reason} {
		if value != "" {
			header.Set(name, value)
		}
	}
}

// buffered keeps tusd's answer back, so that more can be said in it.
type buffered struct {
	http.ResponseWriter
	header http.Header
	status int
	body   []byte

	mu     sync.Mutex
	ended  bool
	spoilt bool // the connection
}

func (b *buffered) Header() http.Header    { return b.header }
func (b *buffered) WriteHeader(status int) { b.status = status }

// end lets no deadline pass any more. When another request interrupts this one,
// tusd sets the deadline to now, from a goroutine that may come late: it would
// hit the next request on the same connection.
func (b *buffered) end() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.ended = true
	if b.spoilt {
		b.ResponseWriter.Header().Set("Connection", "close")
		b.header.Set("Connection", "close")
	}
}

// SetReadDeadline is for http.ResponseController. A deadline of now leaves the
// connection unusable: net/http takes it for closed, and every later request on
// it would begin with an ended context.
func (b *buffered) SetReadDeadline(at time.Time) error {
	return b.deadline((*http.ResponseController).SetReadDeadline, at)
}

// SetWriteDeadline is for http.ResponseController.
func (b *buffered) SetWriteDeadline(at time.Time) error {
	return b.deadline((*http.ResponseController).SetWriteDeadline, at)
}

func (b *buffered) deadline(set func(*http.ResponseController, time.Time) error, at time.Time) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ended {
		return nil
	}
	b.spoilt = b.spoilt || time.Until(at) <= 0
	return set(http.NewResponseController(b.ResponseWriter), at)
}

func (b *buffered) Write(p []byte) (int, error) {
	b.body = append(b.body, p...)
	return len(p), nil
}

func (b *buffered) send() error {
	header := b.ResponseWriter.Header()
	clear(header)
	for name, values := range b.header {
		header[name] = values
	}
	b.ResponseWriter.WriteHeader(b.status)
	if len(b.body) == 0 {
		return nil // some statuses allow none
	}
	_, err := b.ResponseWriter.Write(b.body)
	return err
}

// tusCodes are our codes for tusd's.
var tusCodes = map[string]string{
	"ERR_MAX_SIZE_EXCEEDED": TooLarge, "ERR_UPLOAD_SIZE_EXCEEDED": TooLarge, "ERR_UPLOAD_NOT_FOUND": NotFound,
	"ERR_MISMATCHED_OFFSET": "offset_mismatch", "ERR_UPLOAD_LOCKED": "upload_busy", "ERR_LOCK_TIMEOUT": "upload_busy",
	"ERR_UPLOAD_INTERRUPTED": "upload_busy", "ERR_UNSUPPORTED_VERSION": "bad_tus_version",
	"ERR_UNEXPECTED_EOF": Truncated, "ERR_READ_TIMEOUT": Truncated, "ERR_CONNECTION_RESET": Truncated,
}

// refusal turns tusd's answer into one of ours. Its text is «CODE: message».
func (b *buffered) refusal() error {
	for _, name := range []string{"Tus-Resumable", "Access-Control-Allow-Origin", "Access-Control-Expose-Headers", "Allow"} {
		if value := b.header.Get(name); value != "" {
			b.ResponseWriter.Header().Set(name, value)
		}
	}
	text, message, _ := strings.Cut(strings.TrimSpace(string(b.body)), ": ")
	code, known := tusCodes[text]
	switch {
	case known:
	case b.status == http.StatusNotFound: // of a HEAD, which has no text
		code = NotFound
	case strings.HasPrefix(text, "ERR_") || message == "":
		code = "bad_upload"
	default:
		code = text
	}
	if code == "upload_busy" {
		b.status = http.StatusLocked // tusd has three for it, and clients come again for this one
	}
	if b.status >= 500 && code == "bad_upload" {
		return fmt.Errorf("tus: %d %s", b.status, b.body)
	}
	return &Error{b.status, code, message}
}

// retryAfter tells for which refusals it is of use to come again, and after how
// many seconds.
func retryAfter(e *Error) string {
	switch {
	case e.Status == http.StatusInsufficientStorage || e.Status == http.StatusTooManyRequests:
		return strconv.Itoa(300)
	case e.Status == http.StatusLocked:
		return strconv.Itoa(1)
	}
	return ""
}

// Send answers with a refusal.
func (e *Error) Send(w http.ResponseWriter) error {
	header := w.Header()
	header.Set(ErrorHeader, e.Code)
	header.Set("Content-Type", "application/json")
	header.Set("Cache-Control", "no-store")
	if seconds := retryAfter(e); seconds != "" {
		header.Set("Retry-After", seconds)
	}
	w.WriteHeader(e.Status)
	return json.NewEncoder(w).Encode(e)
}

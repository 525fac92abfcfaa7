package replica

import "fmt"

// Error is a refusal with a code that never changes, for programs, and a
// message for people. docs/protocol.md lists the codes.
type Error struct {
	Status  int // of the HTTP answer
	Code    string
	Message string
	Fields  map[string]string // what is wrong with single fields
	More    map[string]any    // further members of the answer
}

func (e *Error) Error() string { return e.Code + ": " + e.Message }

// Body is the answer that carries the error.
func (e *Error) Body() map[string]any {
	body := map[string]any{"error": e.Code, "message": e.Message}
	if len(e.Fields) > 0 {
		body["fields"] = e.Fields
	}
	for k, v := range e.More {
		body[k] = v
	}
	return body
}

func badRequest(code, format string, args ...any) *Error {
	return &Error{Status: 400, Code: code, Message: fmt.Sprintf(format, args...)}
}

// epochChanged tells a phone that what it knows of the server is of a time that
// was lost.
func epochChanged() *Error {
	return &Error{Status: 409, Code: "epoch_changed", Message: "The server was restored from a backup: keep the outbox, begin with an empty cursor, then push."}
}

// rejected is why one mutation was not taken; the others of its push are not
// concerned.
func rejected(code, format string, args ...any) *Error {
	return &Error{Status: 200, Code: code, Message: fmt.Sprintf(format, args...)}
}

package replica

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"maps"
	"slices"
	"strings"
)

// cursor says up to which change a device is complete, for each scope. Phones
// keep it without reading it.
type cursor struct {
	epoch  string
	device string
	filter string // the collections that the pull was narrowed to
	seqs   map[string]int64
}

const (
	macBytes      = 16
	maxCursor     = 1 << 20
	maxScopeBytes = 200
)

// encode writes the cursor and signs it, so that what comes back is known to
// have been handed out.
func (c cursor) encode(key []byte) string {
	var b bytes.Buffer
	text := func(s string) {
		b.Write(binary.AppendUvarint(nil, uint64(len(s))))
		b.WriteString(s)
	}
	text(c.epoch)
	text(c.device)
	text(c.filter)
	for _, scope := range slices.Sorted(maps.Keys(c.seqs)) {
		text(scope)
		b.Write(binary.AppendUvarint(nil, uint64(c.seqs[scope])))
	}
	b.Write(sign(key, b.Bytes()))
	return base64.RawURLEncoding.EncodeToString(b.Bytes())
}

func sign(key, data []byte) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write(data)
	return mac.Sum(nil)[:macBytes]
}

// decodeCursor reads a cursor that this server handed out to the device for
// the filter. An empty text begins from nothing.
func decodeCursor(text string, key []byte, epoch, device string, collections []string) (cursor, error) {
	c := cursor{epoch: epoch, device: device, filter: strings.Join(collections, ","), seqs: map[string]int64{}}
	if text == "" {
		return c, nil
	}
	invalid := badRequest("cursor_invalid", "This is no cursor of this server. Begin with an empty one.")
	if len(text) > maxCursor {
		return c, invalid
	}
	// Go's base64 passes over line breaks, also in strict mode.
	raw, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(raw) < macBytes || strings.ContainsAny(text, "\r\n") {
		return c, invalid
	}
	data, mac := raw[:len(raw)-macBytes], raw[len(raw)-macBytes:]
	if !hmac.Equal(mac, sign(key, data)) {
		return c, invalid
	}
	r := reader{data: data}
	found := cursor{epoch: r.text(), device: r.text(), filter: r.text()}
	for len(r.data) > 0 && !r.failed {
		scope := r.text()
		c.seqs[scope] = int64(r.number())
	}
	switch {
	case r.failed:
		return c, invalid
	case found.device != device:
		return c, badRequest("cursor_of_other_device", "This cursor was handed out to another device.")
	case found.epoch != epoch:
		return c, epochChanged()
	case found.filter != c.filter:
		return c, badRequest("cursor_of_other_filter", "This cursor belongs to a pull of other collections.")
	}
	return c, nil
}

// reader reads what encode wrote.
type reader struct {
	data   []byte
	failed bool
}

func (r *reader) number() uint64 {
	n, size := binary.Uvarint(r.data)
	if size <= 0 {
		r.failed = true
		return 0
	}
	r.data = r.data[size:]
	return n
}

func (r *reader) text() string {
	n := r.number()
	if r.failed || n > maxScopeBytes || n > uint64(len(r.data)) {
		r.failed = true
		return ""
	}
	s := string(r.data[:n])
	r.data = r.data[n:]
	return s
}

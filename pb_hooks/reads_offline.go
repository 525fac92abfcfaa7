package hooks

import (
	"crypto/sha256"
	"database/sql"
	"encoding/base32"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"gridwalk/replica"
)

// offlineRead is a look at a record on a phone without a signal.
type offlineRead struct {
	ID         string    `json:"id"` // made by the phone
	Collection string    `json:"collection"`
	Record     string    `json:"record"`
	At         time.Time `json:"at"` // by the phone's clock
}

// maxOfflineReads are told in one request.
const maxOfflineReads = 500

var recordID = regexp.MustCompile(`^[a-z0-9]{15}$`)

// takeOffline writes down what was read on a phone without a signal. It answers
// when that is on the disk; what comes twice is written down once.
func (l *readLog) takeOffline(_ *replica.Engine, e *core.RequestEvent, caller replica.Caller) (any, error) {
	var request struct {
		Reads []offlineRead `json:"reads"`
	}
	if err := readJSON(e, &request); err != nil {
		return nil, err
	}
	if len(request.Reads) > maxOfflineReads {
		return nil, &replica.Error{Status: 413, Code: "too_large", Message: fmt.Sprintf("At most %d reads at once.", maxOfflineReads)}
	}
	reads := make([]Read, 0, len(request.Reads))
	for _, said := range request.Reads {
		_, known := watched[said.Collection]
		if !known || !recordID.MatchString(said.ID) || !recordID.MatchString(said.Record) || said.At.IsZero() {
			return nil, &replica.Error{Status: 400, Code: "bad_json", Message: "A read has an id, a collection that tells of people, a record and a time."}
		}
		read, err := l.offline(e, caller.Device, said)
		if err != nil {
			return nil, err
		}
		reads = append(reads, read)
	}
	l.note(reads...)
	return map[string]int{"taken": len(reads)}, l.write()
}

// offline is a read of a phone with what the record says of whom it tells; of a
// record that is gone nothing but its id is known.
func (l *readLog) offline(e *core.RequestEvent, device string, said offlineRead) (Read, error) {
	read := l.reader(e)
	r, err := e.App.FindRecordById(said.Collection, said.Record)
	switch {
	case err == nil:
		read = read.of(r)
	case errors.Is(err, sql.ErrNoRows):
		read.Collection, read.Record = said.Collection, said.Record
	default:
		return Read{}, fmt.Errorf("find what was read: %w", err)
	}
	if said.At.Before(read.At) {
		read.At = said.At
	}
	read.ID, read.How = entryID(device, said.ID), readOffline
	return read, nil
}

// entryID makes the id of an entry of what a phone calls its read.
func entryID(device, id string) string {
	sum := sha256.Sum256([]byte(device + "/" + id))
	return strings.ToLower(base32.StdEncoding.EncodeToString(sum[:]))[:15]
}

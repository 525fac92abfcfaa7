package hooks

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

// watched are the collections of which it is written down who read them, and
// the fields that lead to whom a record tells of. Everything else tells of
// nobody, or follows from these.
var watched = map[string]struct{ resident, household string }{
	"residents":        {"id", "household"},
	"households":       {"", "id"},
	"consents":         {"subject", ""},
	"care_plans":       {"resident", ""},
	"due_visits":       {"resident", "household"},
	"visits":           {"", "household"},
	"alerts":           {"", "household"},
	"sensors":          {"", "household"},
	"matter_parties":   {"resident", ""},
	"errands":          {"resident", ""},
	"order_recipients": {"resident", ""},
	"matters":          {},
	"order_claims":     {},
	"evidence":         {},
}

// Ways to read.
const (
	readView    = "view"
	readList    = "list"
	readFile    = "file"
	readPull    = "pull"
	readOffline = "offline"
	readUnmask  = "unmask"
	readReport  = "report"
)

// Read is one look at something that tells of a person.
type Read struct {
	ID         string // given for one that may be told twice, such as a phone's
	At         time.Time
	Reader     string // id of an officer or superuser
	Kind       string // officer, superuser or system
	Role       string
	Collection string
	Record     string
	Resident   string
	Household  string
	Grid       string
	Fields     []string // that were unmasked
	Device     string
	How        string
	Why        string
	Count      int
}

// readLog writes down who read what. Reads are gathered and written together,
// beside the request that they come from; when more are waiting than may wait,
// a request waits for them to be written, and none is dropped.
type readLog struct {
	app  core.App
	now  func() time.Time
	off  bool
	mu   sync.Mutex
	list []Read
	// contacts are the devices that were in contact since, with what they said.
	contacts map[string]contact
	// writing keeps two from writing at once, so that who asks for all to be
	// written has them written when it returns.
	writing sync.Mutex
}

const (
	mostWaiting  = 5000
	writeEvery   = time.Second
	manyPersons  = 60 // of whom one may read in an hour without being asked why
	kindMany     = "many_residents"
	kindOutside  = "outside_grid"
	kindOfficer  = "officer"
	kindSuper    = "superuser"
	kindOfServer = "system"
)

// contact is what a device last said of itself.
type contact struct {
	at     time.Time
	seq    int64 // newest change that it was given, 0 when there was none
	outbox int   // records that wait on it, -1 when it did not say
}

// met takes that a device was in contact. It is written together with reads.
func (l *readLog) met(device string, c contact) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if was, ok := l.contacts[device]; ok {
		c.seq = max(c.seq, was.seq)
		if c.outbox < 0 {
			c.outbox = was.outbox
		}
	}
	l.contacts[device] = c
}

// writeContacts keeps when devices were last in contact, past the feed: no
// phone needs to hear of it.
func writeContacts(tx core.App, contacts map[string]contact) error {
	for device, c := range contacts {
		_, err := tx.NonconcurrentDB().NewQuery(`UPDATE devices SET last_contact_at = {:at}, seq = MAX(seq, {:seq}),
			outbox_size = CASE WHEN {:outbox} < 0 THEN outbox_size ELSE {:outbox} END WHERE id = {:id}`).
			Bind(dbx.Params{"at": asDate(c.at), "seq": c.seq, "outbox": c.outbox, "id": device}).Execute()
		if err != nil {
			return fmt.Errorf("note the contact of %s: %w", device, err)
		}
	}
	return nil
}

// bindReads writes down what is read through the API and in the dashboard.
func bindReads(app core.App, s Settings) *readLog {
	l := &readLog{app: app, now: s.Now, off: s.NoReadAudit, contacts: map[string]contact{}}
	for collection := range watched {
		app.OnRecordViewRequest(collection).BindFunc(func(e *core.RecordRequestEvent) error {
			l.note(l.readsOf(e.RequestEvent, readView, "", e.Record)...)
			return e.Next()
		})
		app.OnRecordsListRequest(collection).BindFunc(func(e *core.RecordsListRequestEvent) error {
			l.note(l.readsOf(e.RequestEvent, readList, "", e.Records...)...)
			return e.Next()
		})
	}
	app.OnFileDownloadRequest("evidence").BindFunc(func(e *core.FileDownloadRequestEvent) error {
		if e.Record.GetBool("contains_person") {
			l.note(l.readsOf(e.RequestEvent, readFile, "", e.Record)...)
		}
		return e.Next()
	})
	l.writeInTheBackground()
	return l
}

func (l *readLog) writeInTheBackground() {
	stop := make(chan struct{})
	var done sync.WaitGroup
	l.app.OnServe().BindFunc(func(e *core.ServeEvent) error {
		done.Go(func() {
			tick := time.NewTicker(writeEvery)
			defer tick.Stop()
			for {
				select {
				case <-stop:
					return
				case <-tick.C:
					l.writeOrSay()
				}
			}
		})
		return e.Next()
	})
	var once sync.Once
	l.app.OnTerminate().BindFunc(func(e *core.TerminateEvent) error {
		once.Do(func() { close(stop) })
		done.Wait()
		l.writeOrSay()
		return e.Next()
	})
}

// readsOf are the reads of some records in one request.
func (l *readLog) readsOf(e *core.RequestEvent, how, why string, records ...*core.Record) []Read {
	reads := make([]Read, 0, len(records))
	by := l.reader(e)
	by.How, by.Why = how, why
	for _, r := range records {
		reads = append(reads, by.of(r))
	}
	return reads
}

// reader is who asks, without what for.
func (l *readLog) reader(e *core.RequestEvent) Read {
	read := Read{At: l.now(), Kind: kindOfServer, Device: e.Request.Header.Get(deviceHeader)}
	if e.Auth != nil {
		read.Reader, read.Role, read.Kind = e.Auth.Id, e.Auth.GetString("role"), kindOfficer
		if e.Auth.IsSuperuser() {
			read.Kind = kindSuper
		}
	}
	if len(read.Device) > 40 {
		read.Device = read.Device[:40]
	}
	return read
}

// of is a read of a record.
func (by Read) of(r *core.Record) Read {
	by.Collection, by.Record, by.Grid = r.Collection().Name, r.Id, r.GetString("grid")
	to := watched[by.Collection]
	if to.resident != "" {
		by.Resident = r.GetString(to.resident)
	}
	if to.household != "" {
		by.Household = r.GetString(to.household)
	}
	return by
}

// note takes reads to be written down.
func (l *readLog) note(reads ...Read) {
	if l.off || len(reads) == 0 {
		return
	}
	l.mu.Lock()
	l.list = append(l.list, reads...)
	full := len(l.list) >= mostWaiting
	l.mu.Unlock()
	if full {
		l.writeOrSay()
	}
}

func (l *readLog) writeOrSay() {
	if err := l.write(); err != nil {
		l.app.Logger().Error("Reads are not written down yet", "error", err)
	}
}

// write writes down all that waits. What cannot be written waits on.
func (l *readLog) write() error {
	l.writing.Lock()
	defer l.writing.Unlock()
	l.mu.Lock()
	list, contacts := l.list, l.contacts
	l.list, l.contacts = nil, map[string]contact{}
	l.mu.Unlock()
	if len(list)+len(contacts) == 0 {
		return nil
	}
	err := l.app.RunInTransaction(func(tx core.App) error {
		if err := writeContacts(tx, contacts); err != nil {
			return err
		}
		return l.writeReads(tx, list)
	})
	if err != nil {
		l.mu.Lock()
		l.list = append(list, l.list...)
		l.mu.Unlock()
	}
	return err
}

// writeReads writes reads within a transaction, and asks the readers who read
// of many or outside of their grids.
func (l *readLog) writeReads(tx core.App, list []Read) error {
	if len(list) == 0 {
		return nil
	}
	insert := tx.NonconcurrentDB().NewQuery(`INSERT OR IGNORE INTO read_audit
		(id, at, reader, reader_kind, role, collection, record, resident, household, grid, fields, device, how, why, count, n, created, updated) VALUES
		({:id}, {:at}, {:reader}, {:kind}, {:role}, {:collection}, {:record}, {:resident}, {:household}, {:grid}, {:fields}, {:device}, {:how}, {:why}, {:count}, (SELECT COALESCE(MAX(n), 0) + 1 FROM read_audit), {:now}, {:now})`).Prepare()
	defer insert.Close()
	now := asDate(l.now())
	for _, r := range list {
		if r.ID == "" {
			r.ID = core.GenerateDefaultRandomId()
		}
		fields, err := json.Marshal(append([]string{}, r.Fields...))
		if err != nil {
			return fmt.Errorf("write the fields of a read: %w", err)
		}
		_, err = insert.Bind(dbx.Params{"id": r.ID, "at": asDate(r.At), "reader": r.Reader, "kind": r.Kind, "role": r.Role, "collection": r.Collection,
			"record": r.Record, "resident": r.Resident, "household": r.Household, "grid": r.Grid, "fields": string(fields), "device": r.Device,
			"how": r.How, "why": r.Why, "count": r.Count, "now": now}).Execute()
		if err != nil {
			return fmt.Errorf("write down a read of %s: %w", r.Collection, err)
		}
	}
	return askReaders(tx, list)
}

// readerHour is one reader in one hour.
type readerHour struct {
	reader string
	hour   time.Time
}

// askReaders notes, for the data steward, who read of more people in an hour
// than visits need, or of somebody outside his grids. It is a question to him.
func askReaders(tx core.App, list []Read) error {
	hours := map[readerHour]bool{}
	for _, r := range list {
		if r.Reader != "" && r.How != readPull && r.How != "export" && r.How != readFile && (r.Resident != "" || r.Household != "") {
			hours[readerHour{r.Reader, r.At.UTC().Truncate(time.Hour)}] = true
		}
	}
	for h := range hours {
		from, to := asDate(h.hour), asDate(h.hour.Add(time.Hour))
		var found struct {
			Persons int `db:"persons"`
			Outside int `db:"outside"`
		}
		err := tx.DB().NewQuery(`SELECT COUNT(DISTINCT CASE WHEN resident != '' THEN resident ELSE household END) AS persons,
			COUNT(DISTINCT CASE WHEN grid != '' AND EXISTS (SELECT 1 FROM grid_assignments WHERE user = reader)
				AND grid NOT IN (SELECT grid FROM grid_assignments WHERE user = reader)
				THEN CASE WHEN resident != '' THEN resident ELSE household END END) AS outside
			FROM read_audit WHERE reader = {:reader} AND at >= {:from} AND at < {:to} AND how NOT IN ('pull', 'export', 'file') AND (resident != '' OR household != '')`).
			Bind(dbx.Params{"reader": h.reader, "from": from, "to": to}).One(&found)
		if err != nil {
			return fmt.Errorf("count what %s read: %w", h.reader, err)
		}
		if found.Persons > manyPersons {
			if err := askReader(tx, kindMany, h, found.Persons); err != nil {
				return err
			}
		}
		if found.Outside > 0 {
			if err := askReader(tx, kindOutside, h, found.Outside); err != nil {
				return err
			}
		}
	}
	return nil
}

func askReader(tx core.App, kind string, h readerHour, count int) error {
	hour := asDate(h.hour)
	known, err := tx.FindAllRecords("steward_notices", dbx.HashExp{"kind": kind, "reader": h.reader, "hour": hour})
	if err != nil {
		return fmt.Errorf("look for a notice: %w", err)
	}
	var notice *core.Record
	if len(known) > 0 {
		notice = known[0]
	} else {
		collection, err := tx.FindCachedCollectionByNameOrId("steward_notices")
		if err != nil {
			return fmt.Errorf("find steward_notices: %w", err)
		}
		notice = core.NewRecord(collection)
		notice.Load(map[string]any{"kind": kind, "reader": h.reader, "hour": hour, "status": "open"})
	}
	notice.Set("count", count)
	if err := tx.Save(notice); err != nil {
		return fmt.Errorf("ask %s why: %w", h.reader, err)
	}
	return nil
}

// noteUnmasked writes down what is about to be unmasked, before it is shown.
func (l *readLog) noteUnmasked(e *core.RequestEvent, record *core.Record, values map[string]any, why string) error {
	read := l.readsOf(e, readUnmask, why, record)[0]
	for field := range values {
		read.Fields = append(read.Fields, field)
	}
	slices.Sort(read.Fields)
	return l.noteNow(read)
}

// noteNow writes a read down before it returns: for what is not shown otherwise.
func (l *readLog) noteNow(read Read) error {
	if err := l.app.RunInTransaction(func(tx core.App) error { return l.writeReads(tx, []Read{read}) }); err != nil {
		return fmt.Errorf("write down who reads: %w", err)
	}
	return nil
}

// NoteReport writes down that a command told what is held of a resident.
func NoteReport(app core.App, resident, why string, now time.Time) error {
	l := &readLog{app: app, now: func() time.Time { return now }}
	return l.noteNow(Read{At: now, Kind: kindOfServer, Collection: "residents", Record: resident, Resident: resident, How: readReport, Why: why})
}

// noteExport writes down of whom a file of personal data tells, before it is
// given out.
func (l *readLog) noteExport(tx core.App, read ExportRead) error {
	by := Read{At: l.now(), Kind: kindOfServer, Collection: read.Collection, Fields: read.Fields, Device: read.Device, How: "export", Why: read.Why, Count: len(read.Records)}
	if read.How == readFile {
		by.How = readFile
	}
	if read.Reader != nil {
		by.Reader, by.Role, by.Kind = read.Reader.Id, read.Reader.GetString("role"), kindOfficer
		if read.Reader.IsSuperuser() {
			by.Kind = kindSuper
		}
	}
	reads := make([]Read, 0, len(read.Records))
	for _, id := range read.Records {
		r, err := tx.FindRecordById(read.Collection, id)
		if errors.Is(err, sql.ErrNoRows) {
			continue // deleted since the file was made
		}
		if err != nil {
			return fmt.Errorf("find %s %s: %w", read.Collection, id, err)
		}
		one := by.of(r)
		one.Count = 0
		reads = append(reads, one)
	}
	return l.writeReads(tx, reads)
}

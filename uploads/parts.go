package uploads

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Parts are the uploads that have begun, in one directory: the bytes of each in
// a file named by its id, and the [Part] as JSON in the same name with .info.
// The .info file makes a part: bytes without it were never announced.
type Parts struct {
	dir    string
	limits Limits
	now    func() time.Time
	newID  func() string
	free   func(dir string) (int64, error)

	mu    sync.Mutex
	known map[string]Part
}

const infoExt = ".info"

var (
	partID    = regexp.MustCompile(`^[a-z0-9]{15}$`)
	hexSHA256 = regexp.MustCompile(`^[0-9a-f]{64}$`)
)

// Open reads the parts in dir, which is made when it is not there, and removes
// what a process that died left of a creation or a removal. newID gives 15
// characters of a-z0-9 that nobody can guess; free is [FreeBytes].
func Open(dir string, limits Limits, now func() time.Time, newID func() string, free func(string) (int64, error)) (*Parts, error) {
	p := &Parts{dir: dir, limits: limits, now: now, newID: newID, free: free, known: map[string]Part{}}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("open uploads: %w", err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("open uploads: %w", err)
	}
	for _, entry := range entries {
		if id, ok := strings.CutSuffix(entry.Name(), infoExt); ok {
			if part, err := p.readInfo(id); err == nil {
				p.known[id] = part
			}
		}
	}
	for _, entry := range entries {
		if _, ok := p.known[strings.TrimSuffix(entry.Name(), infoExt)]; !ok {
			if err := os.RemoveAll(filepath.Join(dir, entry.Name())); err != nil {
				return nil, fmt.Errorf("open uploads: %w", err)
			}
		}
	}
	return p, nil
}

// readInfo reads a part whose bytes are there.
func (p *Parts) readInfo(id string) (part Part, err error) {
	raw, err := os.ReadFile(p.path(id) + infoExt)
	if err == nil {
		err = json.Unmarshal(raw, &part)
	}
	if err == nil {
		_, err = os.Stat(p.path(id))
	}
	if err == nil && (part.ID != id || !partID.MatchString(id)) {
		err = fmt.Errorf("the part %s calls itself %s", id, part.ID)
	}
	return part, err
}

func (p *Parts) path(id string) string { return filepath.Join(p.dir, id) }

// create begins a part. One that the device had begun for the same photograph
// is forgotten: it lost the address, or it would have gone on.
func (p *Parts) create(caller Caller, sum string, size int64) (Part, error) {
	if !hexSHA256.MatchString(sum) {
		return Part{}, refuse(400, "bad_upload", "Say the SHA-256 of the whole file, in 64 lower-case hex digits.")
	}
	if size > p.limits.MaxBytes {
		return Part{}, refuse(413, TooLarge, "A photograph is at most %d bytes.", p.limits.MaxBytes)
	}
	part := Part{ID: p.newID(), Officer: caller.ID, Device: caller.Device, SHA256: sum, Size: size, Touched: p.now().UTC()}
	p.mu.Lock()
	defer p.mu.Unlock()
	for id, other := range p.known {
		if other.Device == caller.Device && other.Officer == caller.ID && other.SHA256 == sum {
			if err := p.remove(id); err != nil {
				return Part{}, err
			}
		}
	}
	if err := p.room(part); err != nil {
		return Part{}, err
	}
	file, err := os.OpenFile(p.path(part.ID), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err == nil {
		err = errors.Join(file.Close(), p.writeInfo(part))
	}
	if err != nil {
		return Part{}, diskError(errors.Join(err, os.Remove(p.path(part.ID))))
	}
	p.known[part.ID] = part
	return part, nil
}

// room refuses a part for which there is none. The caller holds the lock.
func (p *Parts) room(part Part) error {
	open, total := 0, part.Size
	for _, other := range p.known {
		total += other.Size
		if other.Device == part.Device && !other.Verified {
			open++
		}
	}
	if open >= p.limits.PerDevice {
		return refuse(429, Quota, "This device has %d uploads that are not finished: finish or delete one.", open)
	}
	if total > p.limits.Total {
		return refuse(507, Quota, "The server holds as many unfinished uploads as it may. Keep the photograph and try later.")
	}
	free, err := p.free(p.dir)
	if err != nil {
		return fmt.Errorf("ask for free space: %w", err)
	}
	if free-part.Size < p.limits.MinFree {
		return refuse(507, StorageFull, "The server's disk is full. Keep the photograph and try later.")
	}
	return nil
}

// writeInfo replaces the .info file at once or not at all.
func (p *Parts) writeInfo(part Part) error {
	raw, err := json.Marshal(part)
	if err != nil {
		return err
	}
	fresh := p.path(part.ID) + ".new"
	if err := os.WriteFile(fresh, raw, 0o600); err != nil {
		return errors.Join(err, os.Remove(fresh))
	}
	return os.Rename(fresh, p.path(part.ID)+infoExt)
}

// get gives a part of the caller. Of others' it says nothing.
func (p *Parts) get(caller Caller, id string) (Part, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	part, ok := p.known[id]
	return part, ok && part.Device == caller.Device && part.Officer == caller.ID
}

// Of lists the parts of an officer's photograph, on whichever device.
func (p *Parts) Of(officer, sum string) (list []Part) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, part := range p.known {
		if part.Officer == officer && part.SHA256 == sum {
			list = append(list, part)
		}
	}
	return list
}

// offset is how many bytes of a part have arrived.
func (p *Parts) offset(id string) (int64, error) {
	info, err := os.Stat(p.path(id))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, refuse(404, NotFound, "There is no such upload.")
	}
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// touch notes that a part is in use.
func (p *Parts) touch(id string) error {
	return p.change(id, func(part *Part) { part.Touched = p.now().UTC() })
}

func (p *Parts) change(id string, change func(*Part)) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	part, ok := p.known[id]
	if !ok {
		return refuse(404, NotFound, "There is no such upload.")
	}
	change(&part)
	if err := p.writeInfo(part); err != nil {
		return diskError(err)
	}
	p.known[id] = part
	return nil
}

// Remove forgets a part and its bytes.
func (p *Parts) Remove(id string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.remove(id)
}

func (p *Parts) remove(id string) error {
	for _, name := range []string{p.path(id) + infoExt, p.path(id)} {
		if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("remove upload: %w", err)
		}
	}
	delete(p.known, id)
	return nil
}

// Sweep removes the parts of which nothing was heard for Limits.Keep before
// now, and gives how many.
func (p *Parts) Sweep(now time.Time) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	removed := 0
	for id, part := range p.known {
		if now.Sub(part.Touched) > p.limits.Keep {
			if err := p.remove(id); err != nil {
				return removed, err
			}
			removed++
		}
	}
	return removed, nil
}

// write appends to a part. What arrived before an error stays. src is trusted
// not to give more than is missing; tusd sees to that.
func (p *Parts) write(id string, offset int64, src io.Reader) (int64, error) {
	file, err := os.OpenFile(p.path(id), os.O_WRONLY, 0)
	if err != nil {
		return 0, diskError(err)
	}
	n, err := io.Copy(io.NewOffsetWriter(file, offset), src)
	if err := errors.Join(err, file.Close()); err != nil {
		return n, diskError(err)
	}
	return n, p.touch(id)
}

// truncate takes back what a chunk with a wrong checksum has written.
func (p *Parts) truncate(id string, size int64) error { return os.Truncate(p.path(id), size) }

// verify has the operating system write the bytes of a whole part to the disk,
// and compares their hash with the one announced. found is their hash.
func (p *Parts) verify(part Part) (found string, err error) {
	if part.Verified {
		return part.SHA256, nil
	}
	file, err := os.Open(p.path(part.ID))
	if err != nil {
		return "", diskError(err)
	}
	sum := sha256.New()
	_, err = io.Copy(sum, file)
	if err := errors.Join(err, file.Sync(), file.Close()); err != nil {
		return "", diskError(err)
	}
	found = hex.EncodeToString(sum.Sum(nil))
	if found == part.SHA256 {
		err = p.change(part.ID, func(part *Part) { part.Verified = true })
	}
	return found, err
}

// whole lists the parts whose bytes have all arrived.
func (p *Parts) whole() (list []Part) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for id, part := range p.known {
		if offset, err := p.offset(id); err == nil && offset == part.Size {
			list = append(list, part)
		}
	}
	return list
}

func diskError(err error) error {
	switch {
	case errors.Is(err, syscall.ENOSPC):
		return refuse(507, StorageFull, "The server's disk is full. Keep the photograph and try later.")
	case errors.Is(err, fs.ErrNotExist):
		return refuse(404, NotFound, "There is no such upload.")
	}
	return fmt.Errorf("write upload: %w", err)
}

// RemoveOf removes from dir all parts of the photograph with the given SHA-256,
// whoever sent them, also while a server has them open: it then knows of parts
// whose bytes are gone, and says so to whoever goes on with them.
func RemoveOf(dir, sum string) error {
	p := &Parts{dir: dir, known: map[string]Part{}}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("open uploads: %w", err)
	}
	for _, entry := range entries {
		id, ok := strings.CutSuffix(entry.Name(), infoExt)
		if !ok {
			continue
		}
		if part, err := p.readInfo(id); err == nil && part.SHA256 == sum {
			if err := p.remove(id); err != nil {
				return err
			}
		}
	}
	return nil
}

package uploads

import (
	"bytes"
	"context"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"hash"
	"io"
	"os"
	"strings"

	tusd "github.com/tus/tusd/v2/pkg/handler"
)

// tusStore shows the parts to tusd. tusd's own store of files would serve, but
// for three things: it replaces .info files in place, so that a process that
// dies leaves half of one; it cannot tell when a part was last written to; and
// it knows no checksums.
type tusStore struct{ parts *Parts }

// What the handler tells the store of a request.
type (
	callerKey   struct{}
	checksumKey struct{}
)

func (s tusStore) NewUpload(ctx context.Context, info tusd.FileInfo) (tusd.Upload, error) {
	caller, _ := ctx.Value(callerKey{}).(Caller)
	part, err := s.parts.create(caller, info.MetaData["sha256"], info.Size)
	if err != nil {
		return nil, forTus(err)
	}
	return tusUpload{s.parts, part.ID}, nil
}

func (s tusStore) GetUpload(_ context.Context, id string) (tusd.Upload, error) {
	return tusUpload{s.parts, id}, nil
}

func (s tusStore) AsTerminatableUpload(upload tusd.Upload) tusd.TerminatableUpload {
	return upload.(tusUpload)
}

// tusUpload is one part.
type tusUpload struct {
	parts *Parts
	id    string
}

func (u tusUpload) GetInfo(ctx context.Context) (tusd.FileInfo, error) {
	caller, _ := ctx.Value(callerKey{}).(Caller)
	part, ok := u.parts.get(caller, u.id)
	if !ok {
		return tusd.FileInfo{}, tusd.ErrNotFound
	}
	offset, err := u.parts.offset(u.id)
	if err != nil {
		return tusd.FileInfo{}, forTus(err)
	}
	return tusd.FileInfo{ID: u.id, Size: part.Size, Offset: offset, MetaData: tusd.MetaData{"sha256": part.SHA256}}, nil
}

// WriteChunk writes what comes. A chunk whose checksum is wrong is taken back
// as a whole, as the checksum extension wants it; without a checksum, what came
// before a break stays.
func (u tusUpload) WriteChunk(ctx context.Context, offset int64, src io.Reader) (int64, error) {
	want, _ := ctx.Value(checksumKey{}).(*checksum)
	if want == nil {
		n, err := u.parts.write(u.id, offset, src)
		return n, forTus(err)
	}
	sum := want.algorithm()
	n, err := u.parts.write(u.id, offset, io.TeeReader(src, sum))
	if err == nil && !bytes.Equal(sum.Sum(nil), want.sum) {
		err = refuse(460, "checksum_mismatch", "The chunk is not the one whose checksum was announced.")
	}
	if err != nil {
		return 0, forTus(errors.Join(err, u.parts.truncate(u.id, offset)))
	}
	return n, nil
}

func (u tusUpload) GetReader(context.Context) (io.ReadCloser, error) {
	return os.Open(u.parts.path(u.id))
}

// FinishUpload has nothing to do: the handler finishes uploads itself, since
// tusd does not come here again for one that was cut off after its last byte.
func (u tusUpload) FinishUpload(context.Context) error { return nil }

func (u tusUpload) Terminate(context.Context) error { return u.parts.Remove(u.id) }

// forTus has tusd answer with a refusal's own status and code.
func forTus(err error) error {
	var refused *Error
	if !errors.As(err, &refused) {
		return err
	}
	return tusd.NewError(refused.Code, refused.Message, refused.Status)
}

// checksum is what an Upload-Checksum header announces.
type checksum struct {
	algorithm func() hash.Hash
	sum       []byte
}

// algorithms of the checksum extension; a server must know sha1.
var algorithms = map[string]func() hash.Hash{"sha1": sha1.New, "sha256": sha256.New}

// parseChecksum reads an Upload-Checksum header: a name and the sum in base64.
func parseChecksum(header string) (*checksum, error) {
	name, encoded, _ := strings.Cut(header, " ")
	algorithm, ok := algorithms[name]
	if !ok {
		return nil, refuse(400, "bad_checksum", "Checksums are sha1 or sha256.")
	}
	sum, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil || len(sum) != algorithm().Size() {
		return nil, refuse(400, "bad_checksum", "Upload-Checksum is the name of the algorithm, a space, and the sum in base64.")
	}
	return &checksum{algorithm, sum}, nil
}

package media

import (
	"context"
	"io"
)

// tap passes a stream to a decoder and remembers what the decoder's own error
// will not tell: whether the file was over, or could not be read at all. It
// also ends the stream when the context ends, so that a decoder can be stopped.
type tap struct {
	ctx   context.Context
	r     io.Reader
	ended bool  // more was wanted than the file has
	err   error // why reading failed, other than by the file's end
}

func (t *tap) Read(p []byte) (int, error) {
	if t.err = t.ctx.Err(); t.err != nil {
		return 0, t.err
	}
	n, err := t.r.Read(p)
	switch {
	case err == io.EOF:
		t.ended = t.ended || n == 0
	case err != nil:
		t.err = err
	}
	return n, err
}

// maxScans bounds the scans of a JPEG. A real progressive file has about ten;
// a hostile one repaints the whole picture from every hundred bytes. Bytes that
// only look like a start of scan, in metadata, are counted too: hence the slack.
const maxScans = 256

// scanLimit passes a JPEG on until it has had too many scans.
type scanLimit struct {
	io.Reader
	scans int
	last  byte
}

func (s *scanLimit) Read(p []byte) (int, error) {
	if s.scans > maxScans {
		return 0, refuse(BrokenImage, "more than %d scans", maxScans)
	}
	n, err := s.Reader.Read(p)
	for _, b := range p[:n] {
		if s.last == 0xff && b == 0xda {
			s.scans++
		}
		s.last = b
	}
	return n, err
}

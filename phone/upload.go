package phone

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
)

const (
	uploadsPath = "/api/uploads/"
	blobPath    = uploadsPath + "blob/"
)

// maxWrong is how often the server may get other bytes than those that are
// here, before somebody has to look.
const maxWrong = 3

// sendPhotos brings the photographs to the server, the oldest first. One that
// is refused stays for somebody to look at, and does not hold up the others.
func (c *Client) sendPhotos(ctx context.Context) error {
	list, err := c.toSend()
	if err != nil {
		return err
	}
	for _, p := range list {
		data, err := c.PhotoBytes(p.Record)
		if err != nil {
			return err
		}
		// What a broken phone has made of a photograph does not replace it.
		if sum := sha256.Sum256(data); hex.EncodeToString(sum[:]) != p.SHA256 {
			p.State, p.Code = Stuck, "damaged_on_phone"
			if err := c.keepPhoto(p); err != nil {
				return err
			}
			continue
		}
		if err := c.sendPhoto(ctx, &p, data); err != nil {
			return err
		}
	}
	return nil
}

func (c *Client) keepPhoto(p Photo) error {
	return c.o.Store.Update(func(tx Tx) error { return putJSON(tx, photoKey(p.Record), p) })
}

// sendPhoto goes on until the server has said what becomes of a photograph. As
// long as bytes arrive between two breaks, it does not give up.
func (c *Client) sendPhoto(ctx context.Context, p *Photo, data []byte) error {
	located, failures := false, 0
	for p.State == OnPhone {
		sent := p.Sent
		var err error
		if located {
			err = c.sendChunk(ctx, p, data)
		} else {
			err = c.locate(ctx, p)
		}
		if p.Sent > sent {
			failures = 0
		}
		located = err == nil
		if err == nil {
			continue
		}
		var wait error
		var r *Refused
		switch {
		case isCode(err, "not_found", "offset_mismatch"):
			wait = fmt.Errorf("%w: %v", ErrNetwork, err) // somebody was faster: look again
		case errors.Is(err, ErrNetwork), errors.Is(err, ErrBusy):
			wait = err
		case isCode(err, "hash_mismatch"):
			if p.Wrong, p.Path, p.Sent = p.Wrong+1, "", 0; p.Wrong >= maxWrong {
				p.State, p.Code = Stuck, "hash_mismatch"
			}
		case errors.As(err, &r) && r.Status != http.StatusForbidden:
			p.State, p.Code = Stuck, r.Code
		default:
			return err
		}
		if err := c.keepPhoto(*p); err != nil {
			return err
		}
		if wait == nil {
			continue
		}
		if failures++; failures >= c.o.Attempts || ctx.Err() != nil {
			return wait
		}
		if err := c.o.Sleep(ctx, c.delay(failures-1, wait)); err != nil {
			return err
		}
	}
	return c.keepPhoto(*p)
}

// locate finds out how far the server is. The first time there is nothing to
// ask: it has heard nothing.
func (c *Client) locate(ctx context.Context, p *Photo) error {
	if !p.Tried {
		p.Tried = true
		return c.keepPhoto(*p)
	}
	if p.Path != "" {
		answer, err := c.request(ctx, http.MethodHead, p.Path, nil, nil)
		if err == nil {
			return c.heard(p, answer)
		}
		if !isCode(err, "not_found") {
			return err
		}
		p.Path, p.Sent = "", 0
	}
	answer, err := c.request(ctx, http.MethodHead, blobPath+p.SHA256, nil, nil)
	switch {
	case err == nil:
		return c.heard(p, answer)
	case !isCode(err, "not_found"):
		return err
	case answer.Get("Location") != "":
		p.Path = answer.Get("Location")
		return c.locate(ctx, p)
	}
	return nil
}

// sendChunk sends what comes next, with the first chunk as the creation of an
// upload.
func (c *Client) sendChunk(ctx context.Context, p *Photo, data []byte) error {
	chunk := data[p.Sent:min(p.Sent+int64(c.o.ChunkSize), p.Size)]
	header := http.Header{"Content-Type": {"application/offset+octet-stream"}}
	if p.Path != "" {
		header.Set("Upload-Offset", strconv.FormatInt(p.Sent, 10))
		answer, err := c.request(ctx, http.MethodPatch, p.Path, header, chunk)
		if err != nil {
			return err
		}
		return c.heard(p, answer)
	}
	header.Set("Upload-Length", strconv.FormatInt(p.Size, 10))
	header.Set("Upload-Metadata", "sha256 "+base64.StdEncoding.EncodeToString([]byte(p.SHA256)))
	answer, err := c.request(ctx, http.MethodPost, uploadsPath, header, chunk)
	if err != nil {
		return err
	}
	if p.Path = answer.Get("Location"); p.Path == "" {
		return fmt.Errorf("%w: an upload without an address", ErrNetwork)
	}
	return c.heard(p, answer)
}

// heard takes in what the server says of a photograph, and stores it.
func (c *Client) heard(p *Photo, answer http.Header) error {
	switch state := answer.Get("X-Gridwalk-State"); state {
	case "safe":
		m, err := c.meta()
		if err != nil {
			return err
		}
		p.State, p.SafeAt, p.Sent, p.Path = Safe, m.Server, p.Size, ""
	case "rejected":
		p.State, p.Code = Stuck, answer.Get("X-Gridwalk-Reason")
	case "waiting": // the record was handled: the office has deleted it since
		p.State, p.Code = Stuck, "record_gone"
	case "":
		offset, err := strconv.ParseInt(answer.Get("Upload-Offset"), 10, 64)
		if err != nil || offset < 0 || offset >= p.Size && p.Size > 0 {
			return fmt.Errorf("%w: an upload at %q of %d bytes", ErrNetwork, answer.Get("Upload-Offset"), p.Size)
		}
		p.Sent = offset
	default:
		return fmt.Errorf("%w: unknown state %q", ErrNetwork, state)
	}
	return c.keepPhoto(*p)
}

// request asks something about uploads, and gives the header of the answer. An
// answer that lacks what only the server says is that of a captive portal.
func (c *Client) request(ctx context.Context, method, path string, header http.Header, body []byte) (http.Header, error) {
	request, err := http.NewRequestWithContext(ctx, method, c.o.URL+path, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("ask %s: %w", path, err)
	}
	if header != nil {
		request.Header = header
	}
	request.Header.Set("Authorization", c.o.Token())
	request.Header.Set("X-Gridwalk-Device", c.o.Device)
	request.Header.Set("Tus-Resumable", "1.0.0")
	response, err := c.o.Transport.RoundTrip(request)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNetwork, err)
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(response.Body, maxSmallAnswer))
	if err != nil {
		return response.Header, fmt.Errorf("%w: %w", ErrNetwork, err)
	}
	code := response.Header.Get("X-Gridwalk-Error")
	switch {
	case response.StatusCode < 300 && (response.Header.Get("Tus-Resumable") != "" || response.Header.Get("X-Gridwalk-State") != ""):
		return response.Header, nil
	case response.StatusCode < 400 || code == "":
		return response.Header, fmt.Errorf("%w: status %d", ErrNetwork, response.StatusCode)
	}
	// The answer to a HEAD has no body.
	if !json.Valid(raw) {
		raw, err = json.Marshal(Refused{Code: code})
		if err != nil {
			return response.Header, err
		}
	}
	return response.Header, refused(response, raw)
}

const maxSmallAnswer = 64 << 10

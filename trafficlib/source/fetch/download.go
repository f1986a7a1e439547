package fetch

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"path"
	"time"

	"github.com/trafficlab/trafficlab/trafficlib/internal/atomicfile"
	"github.com/trafficlab/trafficlab/trafficlib/internal/web"
	"github.com/trafficlab/trafficlab/trafficlib/progress"
)

// download is a download in progress.
type download struct {
	Options
	url, path string

	f     *os.File // PATH.part
	now   Record   // of the file being sent; Bytes is -1 while its size is unknown
	have  int64    // size of PATH.part
	first int64    // of that, the bytes from earlier calls
	sink  progress.Sink
}

func (d *download) part() string   { return d.path + ".part" }
func (d *download) record() string { return d.part() + ".json" }

// run tries until PATH.part is complete.
func (d *download) run(ctx context.Context) error {
	f, err := os.OpenFile(d.part(), os.O_RDWR|os.O_CREATE, 0o666)
	if err != nil {
		return err
	}
	defer f.Close()
	d.f, d.sink = f, progress.From(ctx)
	if err := d.reopen(); err != nil {
		return err
	}
	wait := d.Wait
	for try := 1; ; try++ {
		had := d.have
		err := d.once(ctx)
		var refuse refused
		switch {
		case err == nil:
			d.report(true)
			return d.f.Sync()
		case ctx.Err() != nil:
			return fmt.Errorf("stopped after %d bytes, which are kept: %w", d.have, ctx.Err())
		case errors.As(err, &refuse):
			d.f.Close()
			if d.have == 0 {
				os.Remove(d.part())
				os.Remove(d.record())
			}
			return web.Plain(refuse.error)
		case d.have > had: // progress: a slow connection that keeps breaking is not a failure
			try, wait = 1, d.Wait
		}
		if try >= d.Tries {
			return fmt.Errorf("giving up after %d tries: %w", try, web.Plain(web.Offline(err)))
		}
		// Jitter keeps clients from returning all at once.
		pause := time.Duration((0.5 + rand.Float64()) * float64(wait))
		var s status
		if errors.As(err, &s) && s.after > pause {
			pause = s.after
		}
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
		wait = min(2*wait, time.Minute)
	}
}

// reopen picks up what an earlier call left, if the server can be asked whether it is still
// current.
func (d *download) reopen() error {
	info, err := d.f.Stat()
	if err != nil {
		return err
	}
	d.now = Record{URL: d.url, Bytes: -1}
	data, err := os.ReadFile(d.record())
	var was Record
	if err != nil || json.Unmarshal(data, &was) != nil || was.URL != d.url || was.validator() == "" ||
		info.Size() == 0 {
		return d.restart()
	}
	d.now, d.have, d.first = was, info.Size(), info.Size()
	return nil
}

// restart discards the bytes received so far.
func (d *download) restart() error {
	d.have, d.first = 0, 0
	return d.f.Truncate(0)
}

// once makes one request for the file, or the rest of it, and writes the body to PATH.part.
func (d *download) once(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, d.url, nil)
	if err != nil {
		return refused{err}
	}
	if s := request.URL.Scheme; s != "http" && s != "https" {
		return refusal("unsupported scheme %q: want http or https", s)
	}
	request.Header.Set("User-Agent", web.Agent)
	if d.have > 0 {
		if v := d.now.validator(); v != "" {
			request.Header.Set("Range", fmt.Sprintf("bytes=%d-", d.have))
			request.Header.Set("If-Range", v)
		} else if err := d.restart(); err != nil {
			return refused{err}
		}
	}
	response, err := d.Client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if err := d.begin(response); err != nil || d.have == d.now.Bytes {
		return err
	}
	return d.copy(ctx, cancel, response.Body)
}

// begin checks the header of a response and records which version of the file it carries.
func (d *download) begin(response *http.Response) error {
	size := int64(-1)
	switch response.StatusCode {
	case http.StatusOK: // the complete file: the server has no ranges, or the file has changed
		if d.have > 0 {
			if err := d.restart(); err != nil {
				return refused{err}
			}
		}
		size = response.ContentLength
	case http.StatusPartialContent:
		from, whole, err := contentRange(response.Header.Get("Content-Range"))
		if err != nil || from != d.have || d.now.Bytes >= 0 && whole >= 0 && whole != d.now.Bytes {
			d.restart()
			return fmt.Errorf("the server sent the wrong range: %q after %d bytes",
				response.Header.Get("Content-Range"), d.have)
		}
		size = whole
		if size < 0 && response.ContentLength >= 0 {
			size = from + response.ContentLength
		}
	case http.StatusRequestedRangeNotSatisfiable:
		_, whole, err := contentRange(response.Header.Get("Content-Range"))
		if err == nil && whole == d.have && whole == d.now.Bytes {
			return nil // PATH.part was complete: an earlier call stopped just before renaming it
		}
		d.restart()
		d.now.Bytes = -1
		return errors.New("the server does not have this range: the file has changed")
	default:
		return statusError(response)
	}
	if size > d.MaxBytes {
		return d.tooLarge(size)
	}
	d.now.Bytes = size
	d.now.ETag, d.now.Modified = response.Header.Get("ETag"), response.Header.Get("Last-Modified")
	if err := writeRecord(d.record(), d.now); err != nil {
		return refused{err}
	}
	return nil
}

func (d *download) tooLarge(size int64) error {
	d.restart()
	return refusal("the file has at least %d bytes, over the limit of %d", size, d.MaxBytes)
}

// copy appends the body of a response to PATH.part.
func (d *download) copy(ctx context.Context, cancel context.CancelCauseFunc, body io.Reader) error {
	stalled := time.AfterFunc(d.Stall, func() { cancel(fmt.Errorf("no data for %v", d.Stall)) })
	defer stalled.Stop()
	buf := make([]byte, 1<<17)
	for {
		n, err := body.Read(buf)
		if n > 0 {
			stalled.Reset(d.Stall)
			if d.have+int64(n) > d.MaxBytes {
				return d.tooLarge(d.have + int64(n))
			}
			if _, err := d.f.WriteAt(buf[:n], d.have); err != nil {
				return refused{err}
			}
			before := d.have
			d.have += int64(n)
			if before < beginning && d.have >= beginning {
				if err := d.accept(); err != nil {
					return err
				}
			}
			d.report(false)
		}
		switch {
		case err == io.EOF && d.now.Bytes >= 0 && d.have < d.now.Bytes:
			return io.ErrUnexpectedEOF
		case err == io.EOF:
			d.now.Bytes = d.have
			if d.have < beginning {
				return d.accept()
			}
			return nil
		case err != nil && ctx.Err() != nil:
			return context.Cause(ctx)
		case err != nil:
			return err
		}
	}
}

// beginning is how many bytes Accept sees.
const beginning = 512

// accept calls Accept with the beginning of the file.
func (d *download) accept() error {
	if d.Accept == nil {
		return nil
	}
	head := make([]byte, min(beginning, d.have))
	if _, err := d.f.ReadAt(head, 0); err != nil {
		return refused{err}
	}
	err := d.Accept(head)
	if err == nil {
		return nil
	}
	d.restart()
	page := bytes.ToLower(bytes.TrimSpace(head))
	if bytes.HasPrefix(page, []byte("<!doctype")) || bytes.HasPrefix(page, []byte("<html")) {
		return refusal("the server sent an HTML page: %w", err)
	}
	return refused{err}
}

func (d *download) report(final bool) {
	d.sink.Update(progress.Update{
		Task: path.Base(d.url), Unit: "byte",
		Done: d.have, First: d.first, Total: max(d.now.Bytes, 0), Final: final,
	})
}

// finish writes the record and renames PATH.part to PATH.
func (d *download) finish() (Record, error) {
	f, err := os.Open(d.part())
	if err != nil {
		return Record{}, err
	}
	sum := sha256.New()
	n, err := io.Copy(sum, f)
	f.Close()
	if err != nil {
		return Record{}, err
	}
	d.now.Bytes, d.now.SHA256 = n, hex.EncodeToString(sum.Sum(nil))
	if !d.NoRecord {
		if err := writeRecord(recordOf(d.path), d.now); err != nil {
			return Record{}, err
		}
	}
	if err := os.Rename(d.part(), d.path); err != nil {
		return Record{}, err
	}
	os.Remove(d.record())
	return d.now, nil
}

func writeRecord(path string, r Record) error {
	data, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	return atomicfile.Write(path, func(w io.Writer) error {
		_, err := w.Write(append(data, '\n'))
		return err
	})
}

// Page returns the content of a small page, such as a folder listing. Its size limit is MaxBytes,
// or 4 MiB if that is 0.
func Page(ctx context.Context, address string, o Options) ([]byte, error) {
	dir, err := os.MkdirTemp("", "fetch")
	if err != nil {
		return nil, fmt.Errorf("fetch: %w", err)
	}
	defer os.RemoveAll(dir)
	if o.MaxBytes == 0 {
		o.MaxBytes = 4 << 20
	}
	to := path.Join(dir, "page")
	if _, err := File(progress.With(ctx, silent{}), address, to, o); err != nil {
		return nil, err
	}
	return os.ReadFile(to)
}

// silent is a sink that discards updates: a page is too small to report.
type silent struct{}

func (silent) Update(progress.Update) {}

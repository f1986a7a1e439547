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
	"github.com/trafficlab/trafficlab/trafficlib/internal/progress"
	"github.com/trafficlab/trafficlab/trafficlib/internal/web"
)

// download is a file on its way.
type download struct {
	Options
	url, path string

	f     *os.File // PATH.part
	now   Record   // of what comes; Bytes is the size, as far as it is known, or -1
	have  int64    // bytes of the part
	first int64    // of them, those of earlier calls
	sink  progress.Sink
}

func (d *download) part() string   { return d.path + ".part" }
func (d *download) record() string { return d.part() + ".json" }

// run tries until the part is whole.
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
		case d.have > had: // something came: count from the start
			try, wait = 1, d.Wait
		}
		if try >= d.Tries {
			return fmt.Errorf("given up after %d tries: %w", try, web.Plain(web.Offline(err)))
		}
		pause := time.Duration((0.5 + rand.Float64()) * float64(wait)) // not all at once, where many wait for one server
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

// reopen finds what an earlier call left.
func (d *download) reopen() error {
	info, err := d.f.Stat()
	if err != nil {
		return err
	}
	d.now = Record{URL: d.url, Bytes: -1}
	data, err := os.ReadFile(d.record())
	var was Record
	if err != nil || json.Unmarshal(data, &was) != nil || was.URL != d.url || was.validator() == "" || info.Size() == 0 {
		return d.anew()
	}
	d.now, d.have, d.first = was, info.Size(), info.Size()
	return nil
}

// anew forgets what there is.
func (d *download) anew() error {
	d.have, d.first = 0, 0
	return d.f.Truncate(0)
}

// once asks for the file, or the rest of it, and writes what comes.
func (d *download) once(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, d.url, nil)
	if err != nil {
		return refused{err}
	}
	if s := request.URL.Scheme; s != "http" && s != "https" {
		return refusal("an address with the scheme %q: want http or https", s)
	}
	request.Header.Set("User-Agent", web.Agent)
	if d.have > 0 {
		if v := d.now.validator(); v != "" {
			request.Header.Set("Range", fmt.Sprintf("bytes=%d-", d.have))
			request.Header.Set("If-Range", v)
		} else if err := d.anew(); err != nil {
			return refused{err}
		}
	}
	answer, err := d.Client.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if err := d.begin(answer); err != nil || d.have == d.now.Bytes {
		return err
	}
	return d.copy(ctx, cancel, answer.Body)
}

// begin looks at the head of an answer.
func (d *download) begin(answer *http.Response) error {
	size := int64(-1)
	switch answer.StatusCode {
	case http.StatusOK: // all of it, whatever was asked for
		if d.have > 0 {
			if err := d.anew(); err != nil {
				return refused{err}
			}
		}
		size = answer.ContentLength
	case http.StatusPartialContent:
		from, whole, err := contentRange(answer.Header.Get("Content-Range"))
		if err != nil || from != d.have || d.now.Bytes >= 0 && whole >= 0 && whole != d.now.Bytes {
			d.anew()
			return fmt.Errorf("the server sends another part than was asked for: %q after %d bytes", answer.Header.Get("Content-Range"), d.have)
		}
		size = whole
		if size < 0 && answer.ContentLength >= 0 {
			size = from + answer.ContentLength
		}
	case http.StatusRequestedRangeNotSatisfiable:
		if _, whole, err := contentRange(answer.Header.Get("Content-Range")); err == nil && whole == d.have && whole == d.now.Bytes {
			return nil // it was whole already
		}
		d.anew()
		d.now.Bytes = -1
		return errors.New("the server has no such part: the file has changed")
	default:
		return statusError(answer)
	}
	if size > d.MaxBytes {
		return d.tooLarge(size)
	}
	d.now.Bytes = size
	d.now.ETag, d.now.Modified = answer.Header.Get("ETag"), answer.Header.Get("Last-Modified")
	data, err := json.MarshalIndent(d.now, "", "  ")
	if err == nil {
		err = atomicfile.Write(d.record(), func(w io.Writer) error { _, err := w.Write(data); return err })
	}
	if err != nil {
		return refused{err}
	}
	return nil
}

func (d *download) tooLarge(size int64) error {
	d.anew()
	return refusal("the file has %d bytes or more, over the limit of %d", size, d.MaxBytes)
}

// copy writes what comes behind what there is.
func (d *download) copy(ctx context.Context, cancel context.CancelCauseFunc, body io.Reader) error {
	stalled := time.AfterFunc(d.Stall, func() { cancel(fmt.Errorf("nothing has come for %v", d.Stall)) })
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

// beginning is how much of a file Accept sees.
const beginning = 512

// accept asks whether what came is what is wanted.
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
	d.anew()
	if page := bytes.ToLower(bytes.TrimSpace(head)); bytes.HasPrefix(page, []byte("<!doctype")) || bytes.HasPrefix(page, []byte("<html")) {
		return refusal("the server answers with a page of HTML: %w", err)
	}
	return refused{err}
}

func (d *download) report(final bool) {
	d.sink.Update(progress.Update{Task: path.Base(d.url), Unit: "byte", Done: d.have, First: d.first, Total: max(d.now.Bytes, 0), Final: final})
}

// finish gives the part its name, and writes the record.
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
	data, err := json.MarshalIndent(d.now, "", "  ")
	if err != nil {
		return Record{}, err
	}
	err = atomicfile.Write(recordOf(d.path), func(w io.Writer) error { _, err := w.Write(append(data, '\n')); return err })
	if err != nil {
		return Record{}, err
	}
	if err := os.Rename(d.part(), d.path); err != nil {
		return Record{}, err
	}
	os.Remove(d.record())
	return d.now, nil
}

// Page gives a small page, such as the listing of a folder, whose limit is MaxBytes or 4 MiB.
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

type silent struct{}

func (silent) Update(progress.Update) {}

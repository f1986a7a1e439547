package splunk

import (
	"compress/gzip"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/trafficlab/trafficlab/trafficlib/progress"
	"github.com/trafficlab/trafficlab/trafficlib/source/splunk/results"
)

// Options say over which time to search, and how many results to return. The zero value means all.
type Options struct {
	// Earliest and Latest are times in Splunk's forms, "2017-07-07T16:11:00.000" or "-24h". The
	// range includes Earliest but not Latest.
	Earliest, Latest string
	Count            int // the most results; 0 means all
}

// Bind puts values into a search, each in place of a question mark outside of quotes. It quotes
// text, so that nothing in it is part of the search's language, and writes integers as they are. It
// panics if there are not as many values as question marks, or a value is of another type.
//
//	splunk.Bind("search index=? label!=? | head ?", "cicids17", "BENIGN", 500)
func Bind(search string, values ...any) string {
	var b strings.Builder
	quoted, n := false, 0
	for i := 0; i < len(search); i++ {
		switch c := search[i]; {
		case c == '\\' && quoted && i+1 < len(search):
			b.WriteString(search[i : i+2])
			i++
		case c == '?' && !quoted:
			if n == len(values) {
				panic(fmt.Sprintf("splunk: Bind: %d values for %q", len(values), search))
			}
			switch v := values[n].(type) {
			case string:
				b.WriteString(Quote(v))
			case int:
				b.WriteString(strconv.Itoa(v))
			default:
				panic(fmt.Sprintf("splunk: Bind: value %d is a %T: want a string or an int", n, v))
			}
			n++
		default:
			quoted = quoted != (c == '"')
			b.WriteByte(c)
		}
	}
	if n != len(values) {
		panic(fmt.Sprintf("splunk: Bind: %d values for %q", len(values), search))
	}
	return b.String()
}

// Quote quotes a value for a search. A * in it still matches anything where Splunk compares fields,
// even within quotes.
func Quote(value string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(value) + `"`
}

// Export runs a search and returns its results while it runs. They must be read to their end or
// closed.
func (s *Service) Export(ctx context.Context, search string, o Options) (*Results, error) {
	form := o.form(search)
	form.Set("preview", "0")
	r, err := s.start(ctx, []string{"services/search/v2/jobs/export", "services/search/jobs/export"}, form)
	if err != nil {
		return nil, fmt.Errorf("splunk: export: %w", s.hide(err))
	}
	return r, nil
}

// Oneshot runs a search and returns its results when it has ended.
func (s *Service) Oneshot(ctx context.Context, search string, o Options) (*Results, error) {
	form := o.form(search)
	form.Set("exec_mode", "oneshot")
	r, err := s.start(ctx, []string{"services/search/v2/jobs", "services/search/jobs"}, form)
	if err != nil {
		return nil, fmt.Errorf("splunk: oneshot: %w", s.hide(err))
	}
	return r, nil
}

// Save runs a search by Export, writes its results to a file that package results reads, whole or
// not at all, and returns how many there are.
func (s *Service) Save(ctx context.Context, path, search string, o Options) (int, error) {
	r, err := s.Export(ctx, search, o)
	if err != nil {
		return 0, err
	}
	defer r.Close()
	all, err := r.ReadAll()
	if err != nil {
		return 0, err
	}
	return len(all), results.Save(path, all)
}

func (o Options) form(search string) url.Values {
	search = strings.TrimSpace(search)
	if !strings.HasPrefix(search, "search ") && !strings.HasPrefix(search, "|") {
		search = "search " + search
	}
	form := url.Values{
		"search": {search}, "output_mode": {"json"}, "count": {strconv.Itoa(o.Count)},
		// A job whose name is known from the start can be canceled, and one that nobody reads ends
		// by itself.
		"id": {"trafficlab-" + strings.ToLower(rand.Text())}, "auto_cancel": {"120"},
	}
	for name, value := range map[string]string{"earliest_time": o.Earliest, "latest_time": o.Latest} {
		if value != "" {
			form.Set(name, value)
		}
	}
	return form
}

// start posts a search to the first of the paths that the server has; Splunk 9 introduced version 2
// of the API.
func (s *Service) start(ctx context.Context, paths []string, form url.Values) (*Results, error) {
	r := &Results{service: s, id: form.Get("id"), parent: ctx, sink: progress.From(ctx)}
	r.ctx, r.stop = context.WithCancelCause(ctx)
	var answer *http.Response
	var err error
	for _, path := range paths {
		r.jobs = strings.TrimSuffix(path, "/export")
		answer, err = s.ask(r.ctx, http.MethodPost, path, form)
		var f *failure
		if !errors.As(err, &f) || f.code != http.StatusNotFound {
			break
		}
	}
	if err == nil && answer.ContentLength > s.MaxBytes {
		answer.Body.Close()
		err = tooLarge(answer.ContentLength, s.MaxBytes)
	}
	if err == nil {
		r.body = answer.Body
		err = r.open(answer)
	}
	if err != nil {
		r.cancel(err)
		r.stop(nil)
		return nil, err
	}
	return r, nil
}

func tooLarge(n, most int64) error {
	return fmt.Errorf("the answer has %d bytes or more, over the limit of %d (MaxBytes)", n, most)
}

// Results are the results of a search, as they come.
type Results struct {
	*results.Reader
	service *Service
	id      string // of the job
	jobs    string // where jobs are
	parent  context.Context
	ctx     context.Context
	stop    context.CancelCauseFunc
	body    io.ReadCloser
	stalled *time.Timer
	come    int64 // bytes
	sink    progress.Sink
	n       int
	done    sync.Once
	err     error
}

func (r *Results) open(answer *http.Response) error {
	if kind := answer.Header.Get("Content-Type"); strings.HasPrefix(kind, "text/html") {
		return errors.New("it answers with a page of HTML: " +
			"is that the port of Splunk's web pages, and not of its API (8089)?")
	}
	r.stalled = time.AfterFunc(r.service.Stall, func() { r.stop(fmt.Errorf("nothing came for %v", r.service.Stall)) })
	var in io.Reader = counted{r}
	if answer.Header.Get("Content-Encoding") == "gzip" {
		z, err := gzip.NewReader(in)
		if err != nil {
			return err
		}
		in = &capped{z, r.service.MaxBytes, 0}
	}
	r.Reader = results.NewReader(in)
	return nil
}

// counted is the body of the answer, within the limits of size and time.
type counted struct{ r *Results }

func (c counted) Read(p []byte) (int, error) {
	r := c.r
	n, err := r.body.Read(p)
	if n > 0 {
		r.stalled.Reset(r.service.Stall)
	}
	r.come += int64(n)
	switch {
	case r.come > r.service.MaxBytes:
		return 0, tooLarge(r.come, r.service.MaxBytes)
	case err != nil && err != io.EOF && r.ctx.Err() != nil:
		err = context.Cause(r.ctx)
	case errors.Is(err, io.ErrUnexpectedEOF):
		err = errors.New("the connection broke in the middle of the answer")
	}
	return n, err
}

// capped is the unpacked body, within the limit of size.
type capped struct {
	r       io.Reader
	most, n int64
}

func (c *capped) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	if c.n += int64(n); c.n > c.most {
		return 0, tooLarge(c.n, c.most)
	}
	return n, err
}

// Next returns the next record, and io.EOF after the last. After any other error the job is
// canceled.
func (r *Results) Next() (results.Record, error) {
	if r.err != nil {
		return nil, r.err
	}
	record, err := r.Reader.Next()
	if err == nil {
		r.n++
		r.report(false)
		return record, nil
	}
	r.err = err
	if err != io.EOF {
		r.err = fmt.Errorf("splunk: %w", r.service.hide(err))
		if r.parent.Err() != nil {
			r.err = fmt.Errorf("splunk: stopped after %d records: %w", r.n, r.parent.Err())
		}
	}
	r.finish(r.err)
	r.report(true)
	return nil, r.err
}

// ReadAll returns all records that are left.
func (r *Results) ReadAll() ([]results.Record, error) {
	var all []results.Record
	for {
		record, err := r.Next()
		if err == io.EOF {
			return all, nil
		}
		if err != nil {
			return nil, err
		}
		all = append(all, record)
	}
}

func (r *Results) report(final bool) {
	r.sink.Update(progress.Update{Task: "search", Unit: "record", Done: int64(r.n), Final: final})
}

// Close ends reading. A job whose results were not read to their end is canceled.
func (r *Results) Close() error {
	r.finish(errors.New("closed"))
	if r.err == nil {
		r.err = errors.New("splunk: the results are closed")
	}
	return nil
}

func (r *Results) finish(err error) {
	r.done.Do(func() {
		r.stalled.Stop()
		if err != io.EOF {
			r.cancel(err)
		}
		r.body.Close()
		r.stop(nil)
	})
}

// cancel ends the job on the server, unless it never began there. It takes five seconds at most,
// and ignores the answer.
func (r *Results) cancel(cause error) {
	var f *failure
	if errors.As(cause, &f) || errors.Is(cause, ErrOffline) {
		return
	}
	ctx, done := context.WithTimeout(context.WithoutCancel(r.parent), 5*time.Second)
	defer done()
	form := url.Values{"action": {"cancel"}, "output_mode": {"json"}}
	if answer, err := r.service.once(ctx, http.MethodPost, r.jobs+"/"+url.PathEscape(r.id)+"/control", form); err == nil {
		answer.Body.Close()
	}
}

// Package fetch downloads files that are large, over connections that break.
//
// It takes an address and a path and gives the file at the path, whole or not at all, with a record beside it of where it
// comes from and its SHA-256 (PATH.json). While it comes it is called PATH.part. A download that broke off, in this run or an
// earlier one, is gone on with where the server says that the file is still the same (Range with If-Range); else it begins
// anew. What may pass is tried again after a growing wait: broken connections, servers that are overloaded or err. What may not
// is refused at once, in one line: files over the limit of size, files of another kind than is wanted, as a page of HTML, and
// redirects to another scheme. That a server has no such file is ErrNotFound, and that nothing can be reached is
// ErrOffline.
package fetch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/trafficlab/trafficlab/trafficlib/internal/web"
)

// ErrNotFound is that the server has no such file: status 404 or 410.
var ErrNotFound = errors.New("not found")

// ErrOffline is that no connection could be made.
var ErrOffline = web.ErrOffline

// Options say how to download. The zero value will do.
type Options struct {
	MaxBytes int64                    // the largest file that is taken; 0 means 16 GiB
	Tries    int                      // how often to try without a new byte before giving up; 0 means 5
	Wait     time.Duration            // before the second try, doubled before each that follows, at most a minute; 0 means 1 s
	Stall    time.Duration            // how long nothing may come before a connection counts as broken; 0 means 1 minute
	Accept   func(begin []byte) error // looks at the first 512 bytes, or all of a smaller file, and says why it is not what is wanted; nil takes all
	Client   *http.Client             // nil for one of its own
}

func (o Options) withDefaults() Options {
	if o.MaxBytes == 0 {
		o.MaxBytes = 16 << 30
	}
	if o.Tries == 0 {
		o.Tries = 5
	}
	if o.Wait == 0 {
		o.Wait = time.Second
	}
	if o.Stall == 0 {
		o.Stall = time.Minute
	}
	client := http.Client{Transport: transport}
	if o.Client != nil {
		client = *o.Client
	}
	client.CheckRedirect = sameScheme
	o.Client = &client
	return o
}

// A Record says what a file is.
type Record struct {
	URL      string `json:"url"`
	Bytes    int64  `json:"bytes"`
	SHA256   string `json:"sha256"`
	ETag     string `json:"etag,omitempty"`
	Modified string `json:"last_modified,omitempty"`

	Already bool `json:"-"` // the file was there before, and nothing was downloaded
}

// File downloads url to path, whose folder is made when missing. A file that is there already is left as it is; it is an
// error if its size is not that of its record. Progress, with the time left, goes to the sink in ctx; when ctx is done it
// stops, and the next call goes on from there.
func File(ctx context.Context, url, path string, o Options) (Record, error) {
	r, err := file(ctx, url, path, o.withDefaults())
	if err != nil {
		return Record{}, fmt.Errorf("fetch: %s: %w", url, err)
	}
	return r, nil
}

func file(ctx context.Context, url, path string, o Options) (Record, error) {
	if have, err := existing(path); err != nil || have != nil {
		if have != nil {
			return *have, nil
		}
		return Record{}, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return Record{}, err
	}
	d := &download{Options: o, url: url, path: path}
	if err := d.run(ctx); err != nil {
		return Record{}, err
	}
	return d.finish()
}

// existing gives the record of a file that is there, or nil for none.
func existing(path string) (*Record, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s is no file", path)
	}
	r := Record{Bytes: info.Size()}
	if data, err := os.ReadFile(recordOf(path)); err == nil {
		if err := json.Unmarshal(data, &r); err != nil {
			return nil, fmt.Errorf("%s: %w", recordOf(path), err)
		}
	}
	if r.Bytes != info.Size() {
		return nil, fmt.Errorf("%s has %d bytes, and had %d when it was downloaded: take it away to have it again", path, info.Size(), r.Bytes)
	}
	r.Already = true
	return &r, nil
}

func recordOf(path string) string { return path + ".json" }

// Package fetch downloads large files over unreliable connections.
//
// It takes an address and a path. It leaves the file at the path, complete or not at all, and
// beside it PATH.json, a record of where the file came from and its SHA-256. While a download is in
// progress the file is called PATH.part. An interrupted download, in this call or an earlier one,
// resumes if the server confirms that the file is unchanged (Range with If-Range); otherwise it
// starts over.
//
// Transient errors, such as broken connections and overloaded servers, are retried with growing
// waits. Permanent ones fail at once, in one line: files over the size limit, files of the wrong
// kind such as a page of HTML, and redirects to another scheme. The error is ErrNotFound if the
// server does not have the file, and ErrOffline if no server can be reached.
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

// ErrNotFound reports that the server does not have the file: status 404 or 410.
var ErrNotFound = errors.New("not found")

// ErrOffline reports that no connection could be made.
var ErrOffline = web.ErrOffline

// Options configure a download. The zero value is ready to use.
type Options struct {
	MaxBytes int64         // size limit of the file; 0 means 16 GiB
	Tries    int           // attempts in a row that may fail without a new byte; 0 means 5
	Wait     time.Duration // before the second attempt; doubles each time, up to a minute; 0 means 1 s
	Stall    time.Duration // how long a connection may be silent before it counts as broken; 0 means 1 minute
	Client   *http.Client  // nil means one with timeouts

	// Accept checks the first 512 bytes of the file, or all of a smaller one. Its error ends the
	// download. Nil accepts everything.
	Accept func(begin []byte) error

	Replace  bool // download even if the file exists, and replace it once the new one is complete
	NoRecord bool // leave no PATH.json beside the file
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

// A Record describes a downloaded file.
type Record struct {
	URL      string `json:"url"`
	Bytes    int64  `json:"bytes"`
	SHA256   string `json:"sha256"`
	ETag     string `json:"etag,omitempty"`
	Modified string `json:"last_modified,omitempty"`

	Already bool `json:"-"` // the file existed, and nothing was downloaded
}

// File downloads url to path and creates the folder of path if it is missing. It does not download
// a file that exists, and returns an error if the size of that file differs from its record; see
// Options.Replace. File reports its progress to the sink in ctx. When ctx is done it returns the
// error of ctx, and the next call resumes the download.
func File(ctx context.Context, url, path string, o Options) (Record, error) {
	r, err := file(ctx, url, path, o.withDefaults())
	if err != nil {
		return Record{}, fmt.Errorf("fetch: %s: %w", url, err)
	}
	return r, nil
}

func file(ctx context.Context, url, path string, o Options) (Record, error) {
	if !o.Replace {
		if have, err := existing(path); err != nil || have != nil {
			if have != nil {
				return *have, nil
			}
			return Record{}, err
		}
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

// existing returns the record of the file at path, or nil if there is no file.
func existing(path string) (*Record, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s is not a regular file", path)
	}
	r := Record{Bytes: info.Size()}
	if data, err := os.ReadFile(recordOf(path)); err == nil {
		if err := json.Unmarshal(data, &r); err != nil {
			return nil, fmt.Errorf("%s: %w", recordOf(path), err)
		}
	}
	if r.Bytes != info.Size() {
		return nil, fmt.Errorf("%s has %d bytes but had %d when it was downloaded: delete it to download it again",
			path, info.Size(), r.Bytes)
	}
	r.Already = true
	return &r, nil
}

func recordOf(path string) string { return path + ".json" }

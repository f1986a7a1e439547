// Package s3 downloads the files of a public bucket without an account, as the command
// aws s3 sync --no-sign-request does.
//
// It takes a bucket of Amazon S3 or any compatible server, and a folder, and leaves the files in
// the folder. It skips files that are up to date, resumes interrupted downloads, and names a file
// only once it is complete. It refuses keys that lie outside of the folder.
package s3

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"math"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/trafficlab/trafficlab/trafficlib/internal/atomicfile"
	"github.com/trafficlab/trafficlab/trafficlib/progress"
	"github.com/trafficlab/trafficlab/trafficlib/source/fetch"
)

// A Bucket selects files of a bucket.
type Bucket struct {
	Name     string
	Prefix   string // of the keys; that of a folder ends with "/"
	Region   string // "" means us-east-1
	Endpoint string // URL of the server; "" means Amazon's server for the region
	Match    string // pattern of file names without folders, as in path.Match; "" matches all
}

// A Report describes what Sync did. Names are slash-separated paths below the folder.
type Report struct {
	Fetched  []string
	UpToDate []string // files that were not downloaded because they are current
	Bytes    int64    // downloaded by this call
}

// Sync downloads the files of the bucket into dir, which it creates if it is missing. A file is up
// to date if its size and modification time are those in the bucket. Sync reports its progress, in
// bytes of all files, to the sink in ctx. When ctx is done it returns the error of ctx, and the
// next Sync resumes.
func Sync(ctx context.Context, dir string, b Bucket) (Report, error) {
	r, err := sync(ctx, dir, b, fetch.Options{})
	if err != nil {
		return r, fmt.Errorf("s3: %w", err)
	}
	return r, nil
}

func sync(ctx context.Context, dir string, b Bucket, o fetch.Options) (r Report, err error) {
	if b.Name == "" {
		return r, errors.New("no bucket named")
	}
	if _, err := path.Match(b.Match, ""); err != nil {
		return r, fmt.Errorf("pattern %q: %w", b.Match, err)
	}
	if b.Region == "" {
		b.Region = "us-east-1"
	}
	if b.Endpoint == "" {
		b.Endpoint = "https://s3." + b.Region + ".amazonaws.com"
	}
	at, err := url.Parse(b.Endpoint)
	if err != nil || at.Host == "" || at.Scheme != "http" && at.Scheme != "https" {
		return r, fmt.Errorf("endpoint %q: not a URL like https://s3.us-east-1.amazonaws.com", b.Endpoint)
	}
	all, err := list(ctx, b, o)
	if err != nil {
		return r, err
	}
	total := &meter{sink: progress.From(ctx)}
	for _, f := range all {
		total.size += f.Size
	}
	ctx = progress.With(ctx, total)
	for _, f := range all {
		dst := filepath.Join(dir, filepath.FromSlash(f.name))
		if f.upToDate(dst) {
			r.UpToDate = append(r.UpToDate, f.name)
			total.before += f.Size
			total.report(0, false)
			continue
		}
		n, err := f.fetch(ctx, b, dst, total, o)
		r.Bytes += n
		if err != nil {
			return r, err
		}
		r.Fetched = append(r.Fetched, f.name)
	}
	total.report(0, true)
	return r, nil
}

// An object is a file of the bucket, as a listing describes it.
type object struct {
	Key          string
	Size         int64
	LastModified time.Time

	name string // below the folder, slash-separated
}

// list returns the objects below the prefix that match the pattern, in the order of their keys. A
// server lists at most 1,000 keys at a time, and a token for the next ones.
func list(ctx context.Context, b Bucket, o fetch.Options) ([]object, error) {
	var all []object
	query := url.Values{"list-type": {"2"}, "prefix": {b.Prefix}, "encoding-type": {"url"}}
	for {
		text, err := fetch.Page(ctx, b.url("")+"?"+query.Encode(), o)
		if err != nil {
			return nil, fmt.Errorf("bucket %s: %w", b.Name, err)
		}
		var page struct {
			XMLName               xml.Name `xml:"ListBucketResult"`
			EncodingType          string
			NextContinuationToken string
			Contents              []object
		}
		if err := xml.Unmarshal(text, &page); err != nil {
			return nil, fmt.Errorf("bucket %s at %s: malformed listing: %w", b.Name, b.Endpoint, err)
		}
		for _, f := range page.Contents {
			if page.EncodingType == "url" {
				if f.Key, err = url.QueryUnescape(f.Key); err != nil {
					return nil, fmt.Errorf("bucket %s at %s: malformed listing: %w", b.Name, b.Endpoint, err)
				}
			}
			f.name = strings.TrimPrefix(f.Key, b.Prefix[:strings.LastIndexByte(b.Prefix, '/')+1])
			if f.name == "" || strings.HasSuffix(f.name, "/") { // stands for a folder
				continue
			}
			if ok, _ := path.Match(b.Match, path.Base(f.name)); b.Match != "" && !ok {
				continue
			}
			if !atomicfile.IsLocal(f.name) {
				return nil, fmt.Errorf("bucket %s: key %q is outside of the folder", b.Name, f.Key)
			}
			all = append(all, f)
		}
		if page.NextContinuationToken == "" {
			break
		}
		query.Set("continuation-token", page.NextContinuationToken)
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("bucket %s at %s: no files below %q", b.Name, b.Endpoint, b.Prefix)
	}
	return all, nil
}

// url returns the address of a key. The bucket is part of the path, not of the host, so that the
// address works with any server and any bucket name.
func (b Bucket) url(key string) string {
	parts := strings.Split(key, "/")
	for i, p := range parts {
		parts[i] = strings.ReplaceAll(url.PathEscape(p), "+", "%2B") // S3 takes + for a space
	}
	return strings.TrimRight(b.Endpoint, "/") + "/" + url.PathEscape(b.Name) + "/" + strings.Join(parts, "/")
}

func (f object) upToDate(dst string) bool {
	info, err := os.Stat(dst)
	return err == nil && info.Size() == f.Size && info.ModTime().Equal(f.LastModified.Truncate(time.Second))
}

// fetch downloads an object to dst and returns how many bytes came over the network.
func (f object) fetch(ctx context.Context, b Bucket, dst string, total *meter, o fetch.Options) (int64, error) {
	o.Replace, o.NoRecord = true, true // a record might have the name of another key
	o.MaxBytes = math.MaxInt64
	total.file = progress.Update{}
	r, err := fetch.File(ctx, b.url(f.Key), dst, o)
	got := total.file.Done - total.file.First
	if err != nil {
		return got, err
	}
	if r.Bytes != f.Size {
		os.Remove(dst)
		return got, fmt.Errorf("%s has %d bytes, but %d in the listing: did it change meanwhile?", f.name, r.Bytes,
			f.Size)
	}
	total.before += f.Size
	when := f.LastModified.Truncate(time.Second)
	return got, os.Chtimes(dst, when, when)
}

// A meter turns the progress of single files into that of all.
type meter struct {
	sink         progress.Sink
	size, before int64           // bytes of all files, and of those that are finished
	file         progress.Update // the latest of the current file
}

func (m *meter) Update(u progress.Update) {
	m.file = u
	m.report(u.Done, false)
}

// report reports the finished files and so many bytes of the current one.
func (m *meter) report(current int64, final bool) {
	const mb = 1_000_000
	m.sink.Update(progress.Update{
		Task: "fetch", Unit: "MB", Done: (m.before + current) / mb, Total: m.size / mb, Final: final,
	})
}

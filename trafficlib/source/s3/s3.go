// Package s3 fetches the files of a public bucket, without an account, as `aws s3 sync --no-sign-request` does.
//
// It takes a bucket, or any server that speaks S3, and gives local files. What is there already is left alone, what was
// begun goes on where it stopped, and a file has its name only when it is whole. It refuses keys that would lie outside
// of the folder. The client is minio-go (Apache-2.0); this package links net/http and is imported by nothing else.
package s3

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"github.com/trafficlab/trafficlab/trafficlib/internal/progress"
)

// A Bucket says what is fetched. The zero value is the flow files of CSE-CIC-IDS2018, ten of them, 6 GB or so.
type Bucket struct {
	Name     string // "" means cse-cic-ids2018, with its Prefix
	Prefix   string // of the keys; a folder ends with "/"
	Region   string // "" means us-west-1
	Endpoint string // a URL, http or https; "" means Amazon's of the region
	Match    string // of names without folders, as path.Match has it; "" means all
}

func (b Bucket) defaults() Bucket {
	if b.Name == "" {
		b.Name = "cse-cic-ids2018"
		if b.Prefix == "" {
			b.Prefix = "Processed Traffic Data for ML Algorithms/"
		}
	}
	if b.Region == "" {
		b.Region = "us-west-1"
	}
	if b.Endpoint == "" {
		b.Endpoint = "https://s3." + b.Region + ".amazonaws.com"
	}
	return b
}

// A Report tells what Sync did. Names are paths below the folder.
type Report struct {
	Fetched []string
	There   []string // that were there already
	Bytes   int64    // that came over the network
}

// tries is how often a file is asked for again after the connection broke in the middle of it.
const tries = 5

// Sync fetches the files of the bucket into a folder, which is made when it is missing. A file that is there with the
// size and the time of the bucket's is not fetched again. Progress goes to the sink in ctx, by bytes; when ctx is done
// it stops with its error, and the next Sync goes on from there.
func Sync(ctx context.Context, dir string, b Bucket) (Report, error) {
	r, err := sync(ctx, dir, b.defaults())
	if err != nil {
		return r, fmt.Errorf("s3: %w", err)
	}
	return r, nil
}

// An object is a file of the bucket.
type object struct {
	minio.ObjectInfo
	name string // below the folder, with slashes
}

func sync(ctx context.Context, dir string, b Bucket) (r Report, err error) {
	if _, err := path.Match(b.Match, ""); err != nil {
		return r, fmt.Errorf("pattern %q: %w", b.Match, err)
	}
	at, err := url.Parse(b.Endpoint)
	if err != nil || at.Host == "" || at.Scheme != "http" && at.Scheme != "https" {
		return r, fmt.Errorf("endpoint %q: not a URL like https://s3.us-west-1.amazonaws.com", b.Endpoint)
	}
	client, err := minio.New(at.Host, &minio.Options{
		Creds: credentials.NewStatic("", "", "", credentials.SignatureAnonymous), Secure: at.Scheme == "https", Region: b.Region,
		MaxRetries: tries,
	})
	if err != nil {
		return r, fmt.Errorf("endpoint %q: %w", b.Endpoint, err)
	}
	all, err := list(ctx, client, b)
	if err != nil {
		return r, err
	}
	total, done := int64(0), int64(0)
	for _, o := range all {
		total += o.Size
	}
	sink := progress.From(ctx)
	news := func(final bool) {
		const mb = 1_000_000
		sink.Update(progress.Update{Task: "fetch", Unit: "MB", Done: done / mb, Total: total / mb, Final: final})
	}
	for _, o := range all {
		dst := filepath.Join(dir, filepath.FromSlash(o.name))
		if info, err := os.Stat(dst); err == nil && info.Size() == o.Size && info.ModTime().Equal(o.LastModified.Truncate(time.Second)) {
			r.There = append(r.There, o.name)
			done += o.Size
			news(false)
			continue
		}
		n, err := fetch(ctx, client, b, o, dst, func(n int64) {
			done += n
			news(false)
		})
		r.Bytes += n
		if err != nil {
			return r, err
		}
		r.Fetched = append(r.Fetched, o.name)
	}
	news(true)
	return r, nil
}

// list gives the objects below the prefix.
func list(ctx context.Context, client *minio.Client, b Bucket) ([]object, error) {
	ctx, stop := context.WithCancel(ctx) // ends the lister when this returns early
	defer stop()
	var all []object
	for o := range client.ListObjects(ctx, b.Name, minio.ListObjectsOptions{Prefix: b.Prefix, Recursive: true}) {
		if o.Err != nil {
			return nil, fmt.Errorf("bucket %s at %s: %w", b.Name, b.Endpoint, o.Err)
		}
		name := strings.TrimPrefix(o.Key, b.Prefix[:strings.LastIndexByte(b.Prefix, '/')+1])
		if name == "" || strings.HasSuffix(name, "/") { // what stands for a folder
			continue
		}
		if ok, _ := path.Match(b.Match, path.Base(name)); b.Match != "" && !ok {
			continue
		}
		if !local(name) {
			return nil, fmt.Errorf("bucket %s: key %q would lie outside of the folder", b.Name, o.Key)
		}
		all = append(all, object{o, name})
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("bucket %s at %s: nothing below %q", b.Name, b.Endpoint, b.Prefix)
	}
	return all, nil
}

// local says whether a path with slashes stays in the folder that it is joined to, on any system.
func local(name string) bool {
	return filepath.IsLocal(filepath.FromSlash(name)) && !strings.ContainsAny(name, "\\\x00") && !slices.Contains(strings.Split(name, "/"), "..")
}

// fetch gets one object. What has come so far is in a file beside it whose name tells which version it is of.
func fetch(ctx context.Context, client *minio.Client, b Bucket, o object, dst string, came func(int64)) (got int64, err error) {
	if err := os.MkdirAll(filepath.Dir(dst), 0o777); err != nil {
		return 0, err
	}
	version := sha256.Sum256(fmt.Appendf(nil, "%s %d", o.ETag, o.Size))
	begun := filepath.Join(filepath.Dir(dst), "."+filepath.Base(dst)+".")
	part := begun + hex.EncodeToString(version[:6]) + ".part"
	f, err := os.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o666)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	have := info.Size()
	if have > o.Size {
		if err := f.Truncate(0); err != nil {
			return 0, err
		}
		have = 0
	}
	came(have)
	for try := 1; have < o.Size; try++ {
		n, err := rest(ctx, client, b, o, f, have, came)
		got, have = got+n, have+n
		if n > 0 {
			try = 0
		}
		var write *writeError
		switch {
		case err == nil && have < o.Size:
			err = io.ErrUnexpectedEOF
		case errors.As(err, &write):
			return got, fmt.Errorf("%s: %w", dst, write.error)
		}
		if ctx.Err() != nil {
			return got, fmt.Errorf("stopped after %d of %d bytes of %s: %w", have, o.Size, o.name, ctx.Err())
		}
		if err != nil && (try >= tries || minio.ToErrorResponse(err).StatusCode/100 == 4) {
			return got, fmt.Errorf("%s after %d of %d bytes: %w", o.name, have, o.Size, err)
		}
	}
	if have != o.Size {
		return got, fmt.Errorf("%s: %d bytes came, want %d", o.name, have, o.Size)
	}
	if err := f.Sync(); err != nil {
		return got, err
	}
	if err := f.Close(); err != nil {
		return got, err
	}
	when := o.LastModified.Truncate(time.Second)
	if err := os.Chtimes(part, when, when); err != nil {
		return got, err
	}
	if err := os.Rename(part, dst); err != nil {
		return got, err
	}
	old, _ := filepath.Glob(escape(begun) + "*.part") // of earlier versions
	for _, name := range old {
		os.Remove(name)
	}
	return got, nil
}

// escape has a path mean itself in a pattern.
func escape(name string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`).Replace(name)
}

// rest appends what comes behind the bytes that are there.
func rest(ctx context.Context, client *minio.Client, b Bucket, o object, f *os.File, have int64, came func(int64)) (n int64, err error) {
	var options minio.GetObjectOptions
	if err := options.SetRange(have, o.Size-1); err != nil {
		return 0, err
	}
	if err := options.SetMatchETag(o.ETag); err != nil { // not a part of one version and a part of another
		return 0, err
	}
	core := minio.Core{Client: client}
	body, _, _, err := core.GetObject(ctx, b.Name, o.Key, options)
	if err != nil {
		return 0, err
	}
	defer body.Close()
	buffer := make([]byte, 1<<18)
	left := o.Size - have
	for left > 0 {
		if err := ctx.Err(); err != nil {
			return n, err
		}
		k, err := body.Read(buffer[:min(int64(len(buffer)), left)])
		if k > 0 {
			if _, err := f.Write(buffer[:k]); err != nil {
				return n, &writeError{err}
			}
			n, left = n+int64(k), left-int64(k)
			came(int64(k))
		}
		if err == io.EOF {
			return n, nil
		}
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

// writeError is one of the local disk.
type writeError struct{ error }

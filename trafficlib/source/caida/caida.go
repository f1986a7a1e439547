// Package caida downloads the statistics that CAIDA publishes beside its captures of backbone
// links.
//
// It takes the address of a folder. It leaves the .pcap.stats files of that folder in
// DIR/pcap_stats/dirA and so on, one folder for each direction of the link, and beside them the
// time series of each direction, DIR/time_series_df_dirA.csv, sorted by time.
package caida

import (
	"context"
	"errors"
	"fmt"
	"html"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/trafficlab/trafficlab/trafficlib/feature/volume"
	"github.com/trafficlab/trafficlab/trafficlib/progress"
	"github.com/trafficlab/trafficlab/trafficlib/source/fetch"
)

// Base is the folder of three hours of an OC48 link in 2002.
const Base = "https://publicdata.caida.org/datasets/passive/passive-oc48/20020814-160000.UTC/pcap/"

// ending is the extension of the files of statistics.
const ending = ".pcap.stats"

var (
	links     = regexp.MustCompile(`(?i)href\s*=\s*(?:"([^"]*)"|'([^']*)')`)
	direction = regexp.MustCompile(`\.(dir[A-Za-z0-9]+)\.`)
	safe      = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)
)

// silent is a sink that discards updates.
type silent struct{}

func (silent) Update(progress.Update) {}

// List returns the names of the files of statistics in a folder, taken from the server's listing of
// it. It ignores links that leave the folder. It is an error if no file of statistics is listed.
func List(ctx context.Context, base string, o fetch.Options) ([]string, error) {
	folder, err := folderURL(base)
	if err != nil {
		return nil, err
	}
	o.Accept = nil
	page, err := fetch.Page(ctx, folder.String(), o)
	if err != nil {
		return nil, fmt.Errorf("caida: %w", err)
	}
	names := listed(folder, string(page))
	if len(names) == 0 {
		return nil, fmt.Errorf("caida: %s: the page links to no *%s", folder, ending)
	}
	return names, nil
}

func folderURL(base string) (*url.URL, error) {
	if base == "" {
		base = Base
	}
	folder, err := url.Parse(strings.TrimRight(base, "/") + "/")
	if err != nil {
		return nil, fmt.Errorf("caida: %w", err)
	}
	return folder, nil
}

// listed returns the names of the files of statistics that a page links to in its own folder.
func listed(folder *url.URL, page string) []string {
	var names []string
	for _, m := range links.FindAllStringSubmatch(page, -1) {
		to, err := folder.Parse(html.UnescapeString(m[1] + m[2]))
		if err != nil || to.Host != folder.Host || to.Scheme != folder.Scheme {
			continue
		}
		name, below := strings.CutPrefix(to.Path, folder.Path)
		if below && safe.MatchString(name) && strings.HasSuffix(name, ending) && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// A Link is one direction of a backbone link.
type Link struct {
	Direction string // such as "dirA"; "" if the file names do not say
	Path      string // of Series as CSV
	Series    volume.Series
}

// InDirection returns the first link of a direction. A link of unknown direction matches every one.
func InDirection(all []Link, direction string) (Link, error) {
	var names []string
	for _, l := range all {
		if l.Direction == direction || l.Direction == "" {
			return l, nil
		}
		names = append(names, l.Direction)
	}
	return Link{}, fmt.Errorf("caida: no statistics of direction %q, only of %s", direction, strings.Join(names, ", "))
}

// Get downloads the statistics of a folder into dir and builds the series. It does not download
// files again that are there already. It stops at the first error; the next call resumes.
func Get(ctx context.Context, dir, base string, o fetch.Options) ([]Link, error) {
	names, err := List(ctx, base, o)
	if err != nil {
		return nil, err
	}
	folder, err := folderURL(base)
	if err != nil {
		return nil, err
	}
	o.Accept = func(begin []byte) error {
		if !strings.Contains(string(begin), "timestamp:") {
			return errors.New("not statistics of a capture")
		}
		return nil
	}
	if o.MaxBytes == 0 {
		o.MaxBytes = 1 << 20
	}
	var directions []string
	paths := map[string][]string{}
	sink := progress.From(ctx)
	ctx = progress.With(ctx, silent{}) // the files are small: report their number, not their bytes
	for k, name := range names {
		dirName := ""
		if m := direction.FindStringSubmatch(name); m != nil {
			dirName = m[1]
		}
		path := filepath.Join(dir, "pcap_stats", dirName, name)
		if _, err := fetch.File(ctx, folder.JoinPath(name).String(), path, o); err != nil {
			return nil, fmt.Errorf("caida: %w", err)
		}
		if paths[dirName] == nil {
			directions = append(directions, dirName)
		}
		paths[dirName] = append(paths[dirName], path)
		sink.Update(progress.Update{
			Task: "download", Unit: "file", Done: int64(k + 1), Total: int64(len(names)), Final: k+1 == len(names),
		})
	}
	slices.Sort(directions)
	var all []Link
	for _, d := range directions {
		l := Link{Direction: d, Path: filepath.Join(dir, strings.TrimSuffix("time_series_df_"+d, "_")+".csv")}
		if l.Series, err = volume.ReadStats(paths[d]...); err != nil {
			return nil, fmt.Errorf("caida: %w", err)
		}
		if err := l.Series.WriteCSV(l.Path); err != nil {
			return nil, fmt.Errorf("caida: %w", err)
		}
		all = append(all, l)
	}
	return all, nil
}

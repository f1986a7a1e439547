// Package caida downloads the statistics that CAIDA publishes beside its captures of backbone links.
//
// It takes the address of a folder and gives its .pcap.stats files, DIR/pcap_stats/dirA/… for each direction of the link,
// and beside them the series of each, DIR/time_series_df_dirA.csv, in the order of time.
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
	"github.com/trafficlab/trafficlab/trafficlib/internal/progress"
	"github.com/trafficlab/trafficlab/trafficlib/source/fetch"
)

// Base is the folder of three hours of an OC48 link in 2002.
const Base = "https://publicdata.caida.org/datasets/passive/passive-oc48/20020814-160000.UTC/pcap/"

// ending is that of the files of statistics.
const ending = ".pcap.stats"

var (
	links     = regexp.MustCompile(`(?i)href\s*=\s*(?:"([^"]*)"|'([^']*)')`)
	direction = regexp.MustCompile(`\.(dir[A-Za-z0-9]+)\.`)
	safe      = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)
)

type silent struct{}

func (silent) Update(progress.Update) {}

// List gives the names of the files of statistics in a folder, out of the page that the server lists it by. Links out of the
// folder are left alone. It is an error when there is none.
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

// listed gives the names that the links of a page have in its folder.
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

// A Link is one direction of a link.
type Link struct {
	Direction string // "dirA", or "" where the names tell none
	Path      string // of its series as CSV
	Series    volume.Series
}

// Of gives the link of a direction. A link whose files tell no direction is that of every one.
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

// Get downloads the statistics of a folder into dir, and makes the series. Files that are there already are not downloaded
// again; trouble ends it with an error, and the next call goes on from there.
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
			return errors.New("these are no statistics of a capture")
		}
		return nil
	}
	if o.MaxBytes == 0 {
		o.MaxBytes = 1 << 20
	}
	var directions []string
	paths := map[string][]string{}
	sink := progress.From(ctx)
	ctx = progress.With(ctx, silent{}) // the files are small: their number is the news
	for k, name := range names {
		of := ""
		if m := direction.FindStringSubmatch(name); m != nil {
			of = m[1]
		}
		path := filepath.Join(dir, "pcap_stats", of, name)
		if _, err := fetch.File(ctx, folder.JoinPath(name).String(), path, o); err != nil {
			return nil, fmt.Errorf("caida: %w", err)
		}
		if paths[of] == nil {
			directions = append(directions, of)
		}
		paths[of] = append(paths[of], path)
		sink.Update(progress.Update{Task: "download", Unit: "file", Done: int64(k + 1), Total: int64(len(names)), Final: k+1 == len(names)})
	}
	slices.Sort(directions)
	var all []Link
	for _, of := range directions {
		l := Link{Direction: of, Path: filepath.Join(dir, strings.TrimSuffix("time_series_df_"+of, "_")+".csv")}
		if l.Series, err = volume.ReadStats(paths[of]...); err != nil {
			return nil, fmt.Errorf("caida: %w", err)
		}
		if err := l.Series.WriteCSV(l.Path); err != nil {
			return nil, fmt.Errorf("caida: %w", err)
		}
		all = append(all, l)
	}
	return all, nil
}

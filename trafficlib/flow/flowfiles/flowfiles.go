// Package flowfiles loads flows from whatever files there are into one flow table.
//
// It takes files and folders: captures, CSV files that CICFlowMeter wrote, answers of a Splunk as
// JSON, Parquet files of the same columns, and zip archives of these. By their names it chooses the
// reader: package flow for captures, and packages cic2017 and cic2018 for tables. It returns the
// table that they make.
//
// It refuses captures and tables together, since flows that are computed here and flows that were
// published are better compared than mixed, and whatever the readers refuse.
package flowfiles

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/trafficlab/trafficlab/trafficlib/capture"
	"github.com/trafficlab/trafficlab/trafficlib/data/parquet"
	"github.com/trafficlab/trafficlab/trafficlib/flow"
	"github.com/trafficlab/trafficlab/trafficlib/flow/cic2017"
	"github.com/trafficlab/trafficlab/trafficlib/flow/cic2018"
	"github.com/trafficlab/trafficlab/trafficlib/flow/flowtable"
	"github.com/trafficlab/trafficlab/trafficlib/source/archive"
)

// Options says how flows are made.
type Options struct {
	Tables   cic2018.Options // of tables
	Captures flow.Options    // of captures
}

// Load loads files, and the files that folders have, into the flow table at dst and opens it. Of a
// folder it takes the names that it knows, for captures in the folders below as well. Files that it
// unpacks or converts first stay in the folder dst.files, so that a second Load finds the table
// made of the same.
func Load(ctx context.Context, dst string, o Options, paths ...string) (*flowtable.Table, error) {
	captures, tables, err := list(paths)
	switch {
	case err != nil:
		return nil, fmt.Errorf("flowfiles: %w", err)
	case len(captures)+len(tables) == 0:
		return nil, fmt.Errorf("flowfiles: no captures and no files of flows in %s", strings.Join(paths, ", "))
	case len(captures) > 0 && len(tables) > 0:
		return nil, fmt.Errorf("flowfiles: %s is a capture and %s is not: want one kind of files", captures[0], tables[0])
	case len(captures) > 0:
		return flow.Extract(ctx, dst, o.Captures, captures...)
	}
	dir := dst + ".files"
	files, err := archive.UnzipAll(ctx, filepath.Join(dir, "unpacked"), tables...)
	if err != nil {
		return nil, err
	}
	files, notice, err := parquet.ToCSV(ctx, filepath.Join(dir, "csv"), files...)
	if err != nil {
		return nil, err
	}
	if notice = strings.TrimSpace(notice); notice != "" {
		o.Tables.Notes = append(slices.Clip(o.Tables.Notes), notice)
	}
	if slices.ContainsFunc(files, func(path string) bool { return kindOf(path) == kindRecords }) {
		return cic2017.Load(ctx, dst, o.Tables, files...)
	}
	return cic2018.Load(ctx, dst, o.Tables, files...)
}

// A kind is what a file holds, by its name.
type kind int

const (
	kindOther   kind = iota
	kindCapture      // packets
	kindTable        // flows: plain CSV, Parquet, or archives of them
	kindRecords      // flows that cic2017 reads: JSON, or gzipped files
)

func kindOf(path string) kind {
	name := strings.ToLower(filepath.Base(path))
	plain := strings.TrimSuffix(name, ".gz")
	switch ext := filepath.Ext(plain); {
	case capture.IsName(name):
		return kindCapture
	case ext == ".json", ext == ".csv" && plain != name:
		return kindRecords
	case ext == ".csv", ext == ".parquet", ext == ".zip":
		return kindTable
	}
	return kindOther
}

// list returns the files that paths stand for.
func list(paths []string) (captures, tables []string, err error) {
	if len(paths) == 0 {
		return nil, nil, errors.New("no files")
	}
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil {
			return nil, nil, err
		}
		if !info.IsDir() {
			if kindOf(path) == kindCapture {
				captures = append(captures, path)
			} else {
				tables = append(tables, path) // of whatever name: the reader refuses what it does not know
			}
			continue
		}
		entries, err := os.ReadDir(path)
		if err != nil {
			return nil, nil, err
		}
		for _, e := range entries {
			if k := kindOf(e.Name()); !e.IsDir() && !strings.HasPrefix(e.Name(), ".") && (k == kindTable || k == kindRecords) {
				tables = append(tables, filepath.Join(path, e.Name()))
			}
		}
		if below, err := capture.Find(path); err == nil { // an error means that there are none
			captures = append(captures, below...)
		}
	}
	return captures, tables, nil
}

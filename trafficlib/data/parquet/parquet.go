// Package parquet converts Parquet files, in which cleaned copies of published flow files often
// come, to CSV files, which the packages that load flows read.
//
// It takes paths of files of any kind and returns them with CSV files in place of the Parquet
// files. Columns keep their names and order; a missing value is an empty cell; times are written as
// "2018-02-14 08:31:01.000001", in UTC. It refuses columns of lists and nested columns. Beside
// others, a file that cannot be read is left out and named.
//
// It is a package of its own because reading Parquet links much code that other programs do not
// need.
package parquet

import (
	"bufio"
	"context"
	"encoding/binary"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/parquet-go/parquet-go"

	"github.com/trafficlab/trafficlab/trafficlib/internal/atomicfile"
	"github.com/trafficlab/trafficlab/trafficlib/progress"
)

// magic begins and ends a Parquet file.
const magic = "PAR1"

// ToCSV writes each Parquet file among paths as a CSV file of the same name below the folder dir,
// whole or not at all, and returns the paths with the CSV files in their places. notice says in one
// line what was left out, and is "" for nothing. Progress goes to the sink in ctx, and when ctx is
// done ToCSV stops with its error.
func ToCSV(ctx context.Context, dir string, paths ...string) (made []string, notice string, err error) {
	var odd []string
	for i, path := range paths {
		is, err := isParquet(path)
		if err != nil {
			return nil, "", fmt.Errorf("parquet: %w", err)
		}
		if !is {
			made = append(made, path)
			continue
		}
		// The number separates files of one name in different folders.
		to := filepath.Join(dir, fmt.Sprint(i), strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))+".csv")
		err = convert(ctx, to, path)
		switch {
		case err == nil:
			made = append(made, to)
		case ctx.Err() != nil || len(paths) == 1:
			return nil, "", fmt.Errorf("parquet: %s: %w", path, err)
		default:
			odd = append(odd, fmt.Sprintf("%s: %v", path, err))
		}
	}
	if len(made) == 0 && len(odd) > 0 {
		return nil, "", fmt.Errorf("parquet: none of %d files can be read: %s", len(odd), strings.Join(odd, "; "))
	}
	if len(odd) > 0 {
		notice = fmt.Sprintf("%d files left out: %s\n", len(odd), strings.Join(odd, "; "))
	}
	return made, notice, nil
}

// isParquet reports whether a file is a Parquet file, by its first bytes or by its name.
func isParquet(path string) (bool, error) {
	f, err := os.Open(path)
	if err != nil {
		return false, err
	}
	defer f.Close()
	begin := make([]byte, len(magic))
	n, err := io.ReadFull(f, begin)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return false, err
	}
	return string(begin[:n]) == magic || strings.EqualFold(filepath.Ext(path), ".parquet"), nil
}

// convert writes a Parquet file as CSV.
func convert(ctx context.Context, to, path string) (err error) {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o777); err != nil {
		return err
	}
	return atomicfile.Write(to, func(w io.Writer) error { return guarded(ctx, w, f, info.Size(), filepath.Base(path)) })
}

// guarded is write with an error in place of a panic: the decoder panics at some damaged files.
func guarded(ctx context.Context, w io.Writer, r io.ReaderAt, size int64, name string) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the file is damaged: %v", p)
		}
	}()
	return write(ctx, w, r, size, name)
}

// footer checks the end of a file before the decoder allocates what its length claims.
func footer(r io.ReaderAt, size int64) error {
	const end = 4 + len(magic) // the length of the footer, and the magic again
	var b [end]byte
	if size < int64(len(magic)+end) {
		return errors.New("the file is too short")
	}
	if _, err := r.ReadAt(b[:], size-int64(end)); err != nil {
		return err
	}
	n := int64(binary.LittleEndian.Uint32(b[:]))
	if string(b[4:]) != magic || n > size-int64(len(magic)+end) {
		return errors.New("the file is cut short, or is not a Parquet file")
	}
	return nil
}

// write writes the rows of a Parquet file as CSV.
func write(ctx context.Context, w io.Writer, r io.ReaderAt, size int64, name string) error {
	if err := footer(r, size); err != nil {
		return err
	}
	file, err := parquet.OpenFile(r, size, parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true))
	if err != nil {
		return err
	}
	columns, err := columnsOf(file.Schema())
	if err != nil {
		return err
	}
	if err := sound(file, size); err != nil {
		return err
	}
	b := bufio.NewWriterSize(w, 1<<18)
	out := csv.NewWriter(b)
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.name
	}
	if err := out.Write(names); err != nil {
		return err
	}
	sink, done := progress.From(ctx), int64(0)
	rows, record := make([]parquet.Row, 256), make([]string, len(columns))
	for _, group := range file.RowGroups() {
		reader := group.Rows()
		for {
			n, err := reader.ReadRows(rows)
			for _, row := range rows[:n] {
				if len(row) != len(columns) {
					reader.Close()
					return fmt.Errorf("row %d has %d values, there are %d columns", done, len(row), len(columns))
				}
				for _, v := range row {
					k := v.Column()
					record[k] = columns[k].text(v)
				}
				if err := out.Write(record); err != nil {
					reader.Close()
					return err
				}
				done++
			}
			if ctx.Err() != nil {
				reader.Close()
				return fmt.Errorf("stopped after %d rows: %w", done, ctx.Err())
			}
			sink.Update(progress.Update{Task: name, Unit: "row", Done: done, Total: file.NumRows()})
			if err == io.EOF || n == 0 && err == nil {
				break
			}
			if err != nil {
				reader.Close()
				return fmt.Errorf("after row %d: %w", done, err)
			}
		}
		if err := reader.Close(); err != nil {
			return err
		}
	}
	sink.Update(progress.Update{Task: name, Unit: "row", Done: done, Total: file.NumRows(), Final: true})
	out.Flush()
	if err := out.Error(); err != nil {
		return err
	}
	return b.Flush()
}

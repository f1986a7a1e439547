package seq

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/trafficlab/trafficlab/trafficlib/data/encode"
	"github.com/trafficlab/trafficlab/trafficlib/internal/arrowfile"
	"github.com/trafficlab/trafficlab/trafficlib/internal/mapped"
)

// A sequence file is an Arrow IPC file with a row for each sequence, in these columns:
//
//	sequence  list<fixed_size_list<float32>[features]>  the steps, without nulls
//	part      utf8                                      see About
//	label     utf8
//	origin    int64
//	start     timestamp[ns, UTC]                        null if not known
//
// Only the first is required, by whatever name: files of other programs and of earlier versions
// have no other. Batches hold about batchValues numbers each, or one sequence if that alone is
// longer, so that a file is written and read piece by piece.
const (
	columnSequence = "sequence"
	columnPart     = "part"
	columnLabel    = "label"
	columnOrigin   = "origin"
	columnStart    = "start"

	batchValues = 1 << 20 // 4 MB
)

// What the metadata of the schema say of the whole file. Sources and sums have a line for each
// file.
const (
	metaFeatures = "trafficlab.features"
	metaNames    = "trafficlab.names"
	metaRecipe   = "trafficlab.recipe"
	metaEncoder  = "trafficlab.encoder"
	metaSource   = "trafficlab.source"
	metaSHA256   = "trafficlab.source_sha256"
)

// Open maps a sequence file. Sequences are parts of the mapped file, so that opening takes next to
// no time, and memory only for 24 bytes a sequence and its columns; batches that another program
// compressed are unpacked into memory. A file that is cut short, was changed, or holds anything
// else is an error in one line. Close unmaps the file.
//
// While a set is open its file may be replaced, as Save does, but must not be written to: a program
// that reads what was cut off is ended by the operating system.
func Open(path string) (*Set, error) {
	file, err := mapped.Open(path)
	if err != nil {
		return nil, fmt.Errorf("seq: %w", err)
	}
	var set *Set
	err = file.Read(func(data []byte) (err error) {
		set, err = read(data)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		return nil
	})
	if err != nil {
		file.Close()
		return nil, fmt.Errorf("seq: %w", err)
	}
	set.file = file
	return set, nil
}

// read returns the set in an Arrow file.
func read(data []byte) (*Set, error) {
	c, err := arrowfile.Read(data)
	if err != nil {
		return nil, err
	}
	at, features, err := width(c.Schema)
	if err != nil {
		return nil, err
	}
	r, err := newColumnReader(c.Schema)
	if err != nil {
		return nil, err
	}
	var rows [][]float32
	for b, batch := range c.Batches {
		before := len(rows)
		if rows, err = appendBatch(rows, batch.Column(at).Data(), features); err == nil {
			err = r.read(batch, before, len(rows)-before)
		}
		if err != nil {
			return nil, fmt.Errorf("batch %d: %w", b, err)
		}
	}
	set := newSet(features, rows)
	set.columns = r.done()
	set.lineage, err = readLineage(c.Meta, features)
	return set, err
}

// width returns the column of the sequences and their number of features, as the schema states
// them.
func width(schema *arrow.Schema) (at, features int, err error) {
	at = -1
	for i, f := range schema.Fields() {
		list, ok := f.Type.(*arrow.ListType)
		if !ok {
			continue
		}
		row, ok := list.Elem().(*arrow.FixedSizeListType)
		if !ok || row.Elem().ID() != arrow.FLOAT32 || row.Len() <= 0 {
			continue
		}
		if at < 0 || f.Name == columnSequence {
			at, features = i, int(row.Len())
		}
	}
	if at >= 0 {
		return at, features, nil
	}
	names := make([]string, 0, 4)
	for i, f := range schema.Fields() {
		if i == 4 {
			names = append(names, "…")
			break
		}
		names = append(names, fmt.Sprintf("%.40q %s", f.Name, arrowfile.TypeText(f.Type)))
	}
	return 0, 0, fmt.Errorf("not a sequence file: its columns are %v, want one of list<fixed_size_list<float32>>", names)
}

// appendBatch appends the sequences of a batch. It looks at the buffers themselves, and trusts no
// length or offset in the file: each must lie within what the next level down really holds.
func appendBatch(rows [][]float32, list arrow.ArrayData, features int) ([][]float32, error) {
	steps := list.Children()[0]
	numbers := steps.Children()[0]
	for _, level := range []arrow.ArrayData{list, steps, numbers} {
		if level.NullN() != 0 {
			return nil, fmt.Errorf("%d values are missing", level.NullN())
		}
		if level.Offset() != 0 {
			return nil, fmt.Errorf("an offset of %d", level.Offset())
		}
	}
	n := list.Len()
	if n == 0 {
		return rows, nil
	}
	values, enough := arrowfile.Numbers[float32](numbers.Buffers()[1], numbers.Len())
	offsets, all := arrowfile.Numbers[int32](list.Buffers()[1], n+1)
	if !enough || !all {
		return nil, fmt.Errorf("%d sequences with %d values, more than the file holds", n, numbers.Len())
	}
	have := min(int64(len(values)/features), int64(steps.Len()))
	for i := range n {
		from, to := int64(offsets[i]), int64(offsets[i+1])
		if from < 0 || to < from || to > have {
			return nil, fmt.Errorf("sequence %d: steps %d … %d of %d", i, from, to, have)
		}
		rows = append(rows, values[from*int64(features):to*int64(features):to*int64(features)])
	}
	return rows, nil
}

// readLineage reads what the metadata of a file say of its rows; nil if they say nothing.
func readLineage(meta map[string]string, features int) (*Lineage, error) {
	var l Lineage
	said := false
	for key, to := range map[string]any{metaNames: &l.Names, metaRecipe: &l.Recipe} {
		if text, ok := meta[key]; ok {
			said = true
			if err := json.Unmarshal([]byte(text), to); err != nil {
				return nil, fmt.Errorf("its %s: %w", key, err)
			}
		}
	}
	if text, ok := meta[metaEncoder]; ok {
		said = true
		var err error
		if l.Encoder, err = encode.Parse([]byte(text)); err != nil {
			return nil, err
		}
	}
	if text, ok := meta[metaSource]; ok {
		said = true
		sums := strings.Split(meta[metaSHA256], "\n")
		for i, name := range strings.Split(text, "\n") {
			source := Source{Name: name}
			if i < len(sums) {
				source.SHA256 = sums[i]
			}
			l.Sources = append(l.Sources, source)
		}
	}
	if !said {
		return nil, nil
	}
	return &l, l.check(features)
}

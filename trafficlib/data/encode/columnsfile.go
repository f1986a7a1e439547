package encode

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
)

const kindColumns = "columns"

// columnsFile is a TableEncoder as JSON, in the same frame as a RowEncoder.
type columnsFile struct {
	Format   string     `json:"format"`
	Version  int        `json:"version"`
	Kind     string     `json:"kind"`
	Features int        `json:"features"`
	Columns  []partFile `json:"columns"`
	Notices  []string   `json:"notices,omitempty"`
}

type partFile struct {
	Column string     `json:"column"`
	Kind   string     `json:"kind"`
	Prefix string     `json:"prefix,omitempty"`
	Mean   *float64   `json:"mean,omitempty"`
	SD     *float64   `json:"sd,omitempty"`
	Names  []string   `json:"names,omitempty"`
	Limits []*float64 `json:"limits,omitempty"`
	Zero   []string   `json:"zero,omitempty"`
	Empty  bool       `json:"empty,omitempty"`
	Log    bool       `json:"log,omitempty"`
	Within float64    `json:"within,omitempty"`

	Bins    int        `json:"bins,omitempty"`
	Centers []*float64 `json:"centers,omitempty"`
}

// MarshalJSON returns the encoder as a self-describing JSON object, the contents of an encoder
// file.
func (c *TableEncoder) MarshalJSON() ([]byte, error) {
	if c.Features() == 0 {
		return nil, errors.New("encode: the zero TableEncoder cannot be saved")
	}
	f := columnsFile{Format: format, Version: version, Kind: kindColumns, Features: c.Features(), Notices: c.notices}
	for _, p := range c.parts {
		part := partFile{Column: p.column, Kind: p.kind, Prefix: p.prefix, Names: p.names,
			Limits: pointers(p.limits), Zero: p.zero, Empty: p.empty,
			Log: p.log, Within: p.within, Bins: p.bins, Centers: pointers(p.centers)}
		if p.fitted && p.kind == kindZScore {
			part.Mean, part.SD = &p.mean, &p.sd
		}
		f.Columns = append(f.Columns, part)
	}
	return json.Marshal(f)
}

// UnmarshalJSON reads what MarshalJSON returned. On an error the encoder is unchanged.
func (c *TableEncoder) UnmarshalJSON(data []byte) error {
	if err := checkHead(data); err != nil {
		return err
	}
	var kind struct{ Kind string }
	if err := json.Unmarshal(data, &kind); err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	if kind.Kind != kindColumns {
		return fmt.Errorf("encode: kind %q, want %q", kind.Kind, kindColumns)
	}
	var f columnsFile
	if err := decode(data, &f); err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	got := TableEncoder{notices: f.Notices}
	for _, part := range f.Columns {
		p, err := part.part()
		if err != nil {
			return fmt.Errorf("encode: %w", err)
		}
		got.parts = append(got.parts, p)
	}
	if err := got.checkAll(); err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	if n := got.Features(); n != f.Features {
		return fmt.Errorf("encode: columns of %d features, the file says %d", n, f.Features)
	}
	*c = got
	return nil
}

func (f partFile) part() (Column, error) {
	p := Column{kind: f.Kind, column: f.Column, prefix: f.Prefix, names: f.Names, zero: f.Zero, empty: f.Empty,
		log: f.Log, within: f.Within,
		bins: f.Bins}
	if slices.Contains(f.Limits, nil) || slices.Contains(f.Centers, nil) {
		return p, fmt.Errorf("column %q: a limit is null", f.Column)
	}
	for _, v := range f.Centers {
		p.centers = append(p.centers, *v)
	}
	p.fitted = (p.kind == kindQuantiles || p.kind == kindSeen) && !p.empty
	for _, v := range f.Limits {
		p.limits = append(p.limits, *v)
	}
	if f.Mean != nil && f.SD != nil {
		p.mean, p.sd, p.fitted = *f.Mean, *f.SD, true
	}
	if err := p.check(); err != nil {
		return p, err
	}
	switch choice := p.kind == kindOneHot || p.kind == kindClasses || p.kind == kindSeen; {
	case p.kind != kindQuantiles && p.centers != nil, p.kind != kindQuantiles && p.kind != kindSeen && p.bins != 0:
		return p, fmt.Errorf("column %q: kind %q takes no bins and centers", f.Column, f.Kind)
	case p.kind == kindQuantiles && (p.names != nil || p.prefix != ""):
		return p, fmt.Errorf("column %q: kind %q takes no prefix and names", f.Column, f.Kind)
	case p.kind == kindQuantiles:
	case choice && p.prefix == "":
		return p, fmt.Errorf("column %q: no prefix", f.Column)
	case !choice && (p.names != nil || p.limits != nil || p.prefix != ""):
		return p, fmt.Errorf("column %q: kind %q takes no prefix, names and limits", f.Column, f.Kind)
	case (p.kind == kindOneHot || p.kind == kindSeen) && p.limits != nil:
		return p, fmt.Errorf("column %q: kind %q takes no limits", f.Column, f.Kind)
	case p.kind == kindZScore && !p.fitted && !p.empty:
		return p, fmt.Errorf("column %q: no mean and sd", f.Column)
	}
	return p, nil
}

// Save writes the encoder to a JSON file, whole or not at all.
func (c *TableEncoder) Save(path string) error {
	data, err := json.MarshalIndent(c, "", " ")
	if err != nil {
		return err
	}
	return write(path, data)
}

// OpenTable reads an encoder that the Save of a TableEncoder wrote.
func OpenTable(path string) (*TableEncoder, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("encode: %w", err)
	}
	c := new(TableEncoder)
	if err := c.UnmarshalJSON(data); err != nil {
		return nil, at(path, err)
	}
	return c, nil
}

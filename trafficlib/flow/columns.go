package flow

import (
	"slices"
	"time"

	"github.com/trafficlab/trafficlab/trafficlib/data/table"
)

// A Profile is the columns of a table of flows, and the rules for making the flows, which may be
// changed.
type Profile struct {
	Rules   Rules
	columns []column
}

// WithTunnel returns the profile with two more columns, tunnel and tunnel_key; see Flow.
func (p Profile) WithTunnel() Profile {
	p.columns = append(slices.Clip(p.columns), text("tunnel", func(f *Flow) string { return f.Tunnel.String() }),
		whole("tunnel_key", func(f *Flow) int64 { return int64(f.TunnelKey) }))
	return p
}

// Names returns the names of the columns.
func (p Profile) Names() []string {
	names := make([]string, len(p.columns))
	for i, c := range p.columns {
		names[i] = c.title()
	}
	return names
}

// Table makes the table of flows that the caller has kept, such as those of Merge.
func (p Profile) Table(flows []*Flow) *table.Table {
	r := newRows(p)
	places := make([]place, len(flows))
	for i, f := range flows {
		r.add(f)
		places[i].row = i
	}
	all := make([]table.Column, len(r.columns))
	for k, c := range r.columns {
		all[k] = c.gather([]column{c}, places)
	}
	return table.New(all...)
}

// A column makes the values of a column, flow by flow.
type column interface {
	title() string
	fresh() column // without values
	add(*Flow)
	gather(parts []column, places []place) table.Column // of columns like this one, one for each worker
}

// A place is a row of a worker.
type place struct {
	order
	worker, row int
}

// An order is what rows are sorted by: the first packet.
type order struct {
	first, number int64
	file          int
}

// rows is a table that grows.
type rows struct {
	columns []column
	orders  []order
}

func newRows(p Profile) *rows {
	r := &rows{}
	for _, c := range p.columns {
		r.columns = append(r.columns, c.fresh())
	}
	return r
}

func (r *rows) add(f *Flow) {
	r.orders = append(r.orders, order{f.First, f.Number, f.File})
	for _, c := range r.columns {
		c.add(f)
	}
}

// values is a column of one type.
type values[T table.Value] struct {
	name string
	of   func(*Flow) T
	v    []T
}

func (c *values[T]) title() string { return c.name }

func (c *values[T]) fresh() column { return &values[T]{name: c.name, of: c.of} }

func (c *values[T]) add(f *Flow) { c.v = append(c.v, c.of(f)) }

func (c *values[T]) gather(parts []column, places []place) table.Column {
	all := make([]T, len(places))
	for i, p := range places {
		all[i] = parts[p.worker].(*values[T]).v[p.row]
	}
	return table.Col(c.name, all)
}

func whole(name string, of func(*Flow) int64) column { return &values[int64]{name: name, of: of} }

func float(name string, of func(*Flow) float64) column { return &values[float64]{name: name, of: of} }

func instant(name string, of func(*Flow) time.Time) column {
	return &values[time.Time]{name: name, of: of}
}

// text returns a column of texts of which many repeat; each is stored once, up to a number of
// texts.
func text(name string, of func(*Flow) string) column {
	return &textValues{values: values[string]{name: name, of: of}}
}

type textValues struct {
	values[string]
	seen map[string]string
}

func (c *textValues) fresh() column {
	return &textValues{values[string]{name: c.name, of: c.of}, map[string]string{}}
}

func (c *textValues) add(f *Flow) {
	const most = 1 << 16
	s := c.of(f)
	if known, ok := c.seen[s]; ok {
		s = known
	} else if len(c.seen) < most {
		c.seen[s] = s
	}
	c.v = append(c.v, s)
}

func (c *textValues) gather(parts []column, places []place) table.Column {
	all := make([]string, len(places))
	for i, p := range places {
		all[i] = parts[p.worker].(*textValues).v[p.row]
	}
	return table.Col(c.name, all)
}

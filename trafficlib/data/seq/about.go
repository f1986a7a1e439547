package seq

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/trafficlab/trafficlab/trafficlib/data/table"
)

// The usual parts of an experiment. A set may have others.
const (
	Train  = "train"  // what a model learns from
	Valid  = "valid"  // what decides when training ends
	Test   = "test"   // normal traffic that was kept from training
	Attack = "attack" // attacks, where they are kept apart from normal traffic
)

// About is what a set knows of one sequence.
type About struct {
	Part   string    // what it is for, Train or Test for instance; "" if the set was not split
	Label  string    // what it is, the name of an attack for instance; "" for unlabeled or normal
	Origin int       // its number in the capture or file that it comes from, from 0
	Start  time.Time // when it began; the zero time if that is not known
}

// columns hold what is known of each sequence of a set, and are shared by its views. A nil slice
// stands for nothing known; a nil origins for the numbers of the sequences.
type columns struct {
	parts, labels []string
	origins       []int
	starts        []int64 // nanoseconds since 1970, or unknown
	classes       []string
}

// unknown stands for a start that is not known.
const unknown = math.MinInt64

func (c *columns) add(a About) {
	c.parts, c.labels, c.origins = append(c.parts, a.Part), append(c.labels, a.Label), append(c.origins, a.Origin)
	c.starts = append(c.starts, nanos(a.Start))
	if k, ok := slices.BinarySearch(c.classes, a.Label); !ok && a.Label != "" {
		c.classes = slices.Insert(c.classes, k, a.Label)
	}
}

func nanos(t time.Time) int64 {
	if t.IsZero() {
		return unknown
	}
	return t.UnixNano()
}

// place returns the place of sequence i in the columns.
func (s *Set) place(i int) int {
	if s.index == nil {
		return i
	}
	return s.index[i]
}

// About returns what is known of sequence i.
func (s *Set) About(i int) About {
	at := s.place(i)
	a := About{Origin: at}
	c := s.columns
	if c == nil {
		return a
	}
	if c.parts != nil {
		a.Part = c.parts[at]
	}
	if c.labels != nil {
		a.Label = c.labels[at]
	}
	if c.origins != nil {
		a.Origin = c.origins[at]
	}
	if c.starts != nil && c.starts[at] != unknown {
		a.Start = time.Unix(0, c.starts[at]).UTC()
	}
	return a
}

// Origin returns the number that sequence i has in the capture, the file or the call of New that it
// comes from. Views and files keep it, so that a score can be traced to its session.
func (s *Set) Origin(i int) int {
	at := s.place(i)
	if s.columns == nil || s.columns.origins == nil {
		return at
	}
	return s.columns.origins[at]
}

// with returns a set of the same sequences whose columns change has changed.
func (s *Set) with(change func(c *columns)) *Set {
	c := new(columns)
	for i := range s.Len() {
		c.add(s.About(i))
	}
	if s.columns != nil {
		c.classes = s.columns.classes // those of the whole set
	}
	change(c)
	out := *s
	out.index, out.columns, out.file = nil, c, nil
	return &out
}

// each returns one value for each of n sequences, given as many or one for all. It panics
// otherwise.
func each[T any](what string, n int, values []T) []T {
	switch len(values) {
	case n:
		return slices.Clone(values)
	case 1:
		return slices.Repeat(values, n)
	}
	panic(fmt.Sprintf("seq: %s: %d values for %d sequences", what, len(values), n))
}

// WithParts returns the sequences with other parts: one for each, or one for all. It panics if
// there are not as many.
func (s *Set) WithParts(parts ...string) *Set {
	return s.with(func(c *columns) { c.parts = each("WithParts", s.Len(), parts) })
}

// WithLabels returns the sequences with other labels: one for each, or one for all. It panics if
// there are not as many.
func (s *Set) WithLabels(labels ...string) *Set {
	return s.with(func(c *columns) {
		c.labels = each("WithLabels", s.Len(), labels)
		c.classes = classes(c.labels)
	})
}

// WithOrigins returns the sequences with other origins. It panics if there are not as many.
func (s *Set) WithOrigins(origins ...int) *Set {
	return s.with(func(c *columns) { c.origins = each("WithOrigins", s.Len(), origins) })
}

// WithStarts returns the sequences with other starts. It panics if there are not as many.
func (s *Set) WithStarts(starts ...time.Time) *Set {
	return s.with(func(c *columns) {
		for i, t := range each("WithStarts", s.Len(), starts) {
			c.starts[i] = nanos(t)
		}
	})
}

// WithAbout returns the sequences with something else known of each. It panics if there are not as
// many.
func (s *Set) WithAbout(about ...About) *Set {
	if len(about) != s.Len() {
		panic(fmt.Sprintf("seq: WithAbout: %d values for %d sequences", len(about), s.Len()))
	}
	c := new(columns)
	for _, a := range about {
		c.add(a)
	}
	out := *s
	out.index, out.columns, out.file = nil, c, nil
	return &out
}

// classes returns the distinct labels, sorted, without "".
func classes(labels []string) []string {
	all := slices.Clone(labels)
	slices.Sort(all)
	all = slices.Compact(all)
	if len(all) > 0 && all[0] == "" {
		all = all[1:]
	}
	return all
}

// Parts returns the names of the parts that the set has: Train, Valid, Test and Attack first, then
// others in the order of their first sequences.
func (s *Set) Parts() []string {
	if s.columns == nil || s.columns.parts == nil {
		return nil
	}
	var found []string
	last := ""
	for i := range s.Len() {
		if p := s.columns.parts[s.place(i)]; p != last {
			if last = p; p != "" && !slices.Contains(found, p) {
				found = append(found, p)
			}
		}
	}
	var all []string
	for _, p := range []string{Train, Valid, Test, Attack} {
		if slices.Contains(found, p) {
			all = append(all, p)
		}
	}
	for _, p := range found {
		if !slices.Contains(all, p) {
			all = append(all, p)
		}
	}
	return all
}

// Labels returns the distinct labels, sorted, without "". They are the same for a set and all its
// views, so that a label has one number in all parts: it is a class of Labeled.
func (s *Set) Labels() []string {
	if s.columns == nil {
		return nil
	}
	return slices.Clone(s.columns.classes)
}

// Table returns a row for each sequence, with the columns origin, part, label, start and steps.
// There is no column start if no start is known.
func (s *Set) Table() *table.Table {
	n := s.Len()
	origins, steps := make([]int64, n), make([]int64, n)
	parts, labels, starts := make([]string, n), make([]string, n), make([]time.Time, n)
	known := false
	for i := range n {
		a := s.About(i)
		origins[i], steps[i], parts[i], labels[i] = int64(a.Origin), int64(s.Steps(i)), a.Part, a.Label
		starts[i], known = a.Start, known || !a.Start.IsZero()
	}
	columns := []table.Column{table.Col("origin", origins), table.Col("part", parts), table.Col("label", labels)}
	if known {
		columns = append(columns, table.Col("start", starts))
	}
	return table.New(append(columns, table.Col("steps", steps))...)
}

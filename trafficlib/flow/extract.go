package flow

import (
	"context"
	"fmt"
	"path"
	"path/filepath"
	"runtime"
	"strings"
	"sync"

	"github.com/trafficlab/trafficlab/trafficlib/capture"
	"github.com/trafficlab/trafficlab/trafficlib/flow/flowtable"
)

// Options says how Extract makes flows. The zero value follows CICFlowMeter's rules and labels
// nothing.
type Options struct {
	Capture capture.Options // how captures are read
	Rules   *Rules          // nil means those of CICFlowMeter; Unit and Activity are always CICFlowMeter's

	// Label returns the label of a flow of the capture at path: flowtable.Benign, the name of an
	// attack, or flowtable.Unlabeled. nil means that all flows are unlabeled. Several goroutines
	// may call it at once, and a flow is valid until it returns.
	Label func(f *Flow, path string) string
}

// AttackFiles returns a Label for captures of which each is benign or of one attack: a name that
// matches one of the patterns (path.Match, separated by commas) is an attack of that name without
// its extensions, and all else is benign.
func AttackFiles(patterns string) func(f *Flow, path string) string {
	return func(_ *Flow, file string) string {
		name := filepath.Base(file)
		for pattern := range strings.SplitSeq(patterns, ",") {
			if ok, _ := path.Match(strings.TrimSpace(pattern), name); ok {
				name, _, _ = strings.Cut(name, ".")
				return name
			}
		}
		return flowtable.Benign
	}
}

// by is what tables record as the package that made them, and version what grows when the same
// captures make another table.
const (
	by      = "flow"
	version = 1
)

// Extract makes the flow table at dst out of captures, files or folders of them, as capture.Open
// reads them. The table has the columns that CICFlowMeter has, in the order of the first packets of
// the flows, so what was learnt from published flows applies to it; the flows are those that Read
// makes with the profile CICFlowMeter. It does not depend on the number of cores.
//
// Extract works within bounded memory: the flows that are open (Rules.Most) and some thousand ended
// ones for each core. Progress goes to the sink in ctx, and when ctx is done Extract stops with its
// error.
func Extract(ctx context.Context, dst string, o Options, paths ...string) (*flowtable.Table, error) {
	r, err := o.Capture.Open(paths...)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	rules := cicRules
	if o.Rules != nil {
		rules = *o.Rules
		rules.Unit, rules.Activity = cicRules.Unit, true
	}
	l, err := rules.limits()
	if err != nil {
		return nil, err
	}
	w, err := flowtable.NewWriter(dst, cicLayout, flowtable.Options{Sort: true})
	if err != nil {
		return nil, fmt.Errorf("flow: %w", err)
	}
	defer w.Close()
	files := r.Files()
	e := &extraction{w: w, label: func(f *Flow) string { return flowtable.Unlabeled }}
	if o.Label != nil {
		e.label = func(f *Flow) string { return o.Label(f, files[f.File]) }
	}
	n := min(runtime.GOMAXPROCS(0), shards, l.most)
	batches := make([]*tableBatch, n)
	for i := range batches {
		batches[i] = newTableBatch(e)
	}
	work := startWorkers(&l, n, func(i int) func(*Flow) { return batches[i].add })
	report, err := work.feed(ctx, r)
	work.finish()
	if err != nil {
		return nil, err
	}
	for _, b := range batches {
		b.append()
	}
	if e.err != nil {
		return nil, fmt.Errorf("flow: %w", e.err)
	}
	for _, s := range work.shards {
		report.merge(s.report)
	}
	made := flowtable.Made{By: by, Version: version, Options: fmt.Sprintf("%+v", rules)}
	made.Report.Read = report.Flows
	made.Report.Notes = []string{report.String()}
	if c := r.Report(); c.Skipped > 0 || c.Damage != "" {
		made.Report.Notes = append(made.Report.Notes, strings.Split(strings.TrimSpace(c.String()), "\n")...)
	}
	for _, file := range files {
		if s, err := flowtable.Stat(file); err == nil { // a stream has no size
			made.Sources = append(made.Sources, s)
		}
	}
	t, err := w.Finish(ctx, made)
	if err != nil {
		return nil, fmt.Errorf("flow: %s: %w", strings.Join(paths, ", "), err)
	}
	return t, nil
}

// An extraction is the work of one Extract.
type extraction struct {
	label func(*Flow) string
	mu    sync.Mutex
	w     *flowtable.Writer
	err   error
}

// A tableBatch gathers the flows of a worker.
type tableBatch struct {
	e *extraction
	flowtable.Batch
	texts []flowtable.TextColumn // the columns of text, and the label
}

// tableRows is how many flows a worker gathers: enough to make packing worthwhile.
const tableRows = 1 << 12

func newTableBatch(e *extraction) *tableBatch {
	b := &tableBatch{e: e, texts: make([]flowtable.TextColumn, len(cicTexts)+1)}
	b.Numbers = make([][]float64, len(cicNumbers))
	return b
}

// add adds a flow that has ended.
func (b *tableBatch) add(f *Flow) {
	b.Times = append(b.Times, f.First)
	// Flows that begin at the same time stand in the order of their first packets.
	b.Ties = append(b.Ties, uint64(f.File)<<40|uint64(f.Number)&(1<<40-1))
	b.Ports, b.Protocols = append(b.Ports, f.DstPort), append(b.Protocols, f.Protocol)
	for i, c := range cicNumbers {
		b.Numbers[i] = append(b.Numbers[i], c.of(f))
	}
	for i, c := range cicTexts {
		b.texts[i].Add(c.of(f))
	}
	b.texts[len(cicTexts)].Add(b.e.label(f))
	if len(b.Times) == tableRows {
		b.append()
	}
}

// append hands the flows to the table.
func (b *tableBatch) append() {
	b.Texts = b.Texts[:0]
	for _, t := range b.texts {
		b.Texts = append(b.Texts, t.Texts)
	}
	b.e.w.Pack(&b.Batch)
	b.e.mu.Lock()
	if b.e.err == nil {
		b.e.err = b.e.w.Append(&b.Batch)
	}
	b.e.mu.Unlock()
	b.Times, b.Ties, b.Ports, b.Protocols = b.Times[:0], b.Ties[:0], b.Ports[:0], b.Protocols[:0]
	for i := range b.Numbers {
		b.Numbers[i] = b.Numbers[i][:0]
	}
	for i := range b.texts {
		b.texts[i].Reset()
	}
}

// A tableColumn is a column of a flow table.
type tableColumn[T any] struct {
	name string
	of   func(*Flow) T
}

// cicNumbers and cicTexts are CICFlowMeter's columns but for those that every flow table has, and
// the Flow ID, which repeats others.
var cicNumbers, cicTexts = tableColumns(CICFlowMeter)

var cicLayout = flowtable.Layout{Numbers: titles(cicNumbers), Texts: titles(cicTexts)}

func tableColumns(p Profile) (numbers []tableColumn[float64], texts []tableColumn[string]) {
	for _, c := range p.columns {
		name := flowtable.ColumnOf(c.title())
		switch c := c.(type) {
		case *values[int64]:
			if name != flowtable.DestinationPort && name != flowtable.Protocol {
				numbers = append(numbers, tableColumn[float64]{name, func(f *Flow) float64 { return float64(c.of(f)) }})
			}
		case *values[float64]:
			numbers = append(numbers, tableColumn[float64]{name, c.of})
		case *textValues:
			if name != "Flow ID" {
				texts = append(texts, tableColumn[string]{name, c.of})
			}
		}
	}
	return numbers, texts
}

func titles[T any](columns []tableColumn[T]) (names []string) {
	for _, c := range columns {
		names = append(names, c.name)
	}
	return names
}

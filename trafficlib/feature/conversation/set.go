package conversation

import (
	"slices"
	"time"

	"github.com/trafficlab/trafficlab/trafficlib/data/encode"
	"github.com/trafficlab/trafficlab/trafficlib/data/seq"
	"github.com/trafficlab/trafficlab/trafficlib/data/table"
)

// Encoding says how conversations become sequences of numbers.
type Encoding struct {
	Columns  []encode.Column // nil means Features(false)
	Relative bool            // timestamps count from the first packet of each conversation
	Start    time.Time       // the moment of timestamp 0, Packets.Start; zero if it is not known
}

// Encode makes a set of conversations: a sequence for each, with its part, its attack as the label,
// and its start. The encoder is fitted on the packets of seq.Train, on all if no conversation has a
// part, and stays with the set.
func Encode(t *table.Table, e Encoding) (*seq.Set, error) {
	columns := e.Columns
	if columns == nil {
		columns = Features(false)
	}
	at, times := starts(t), t.Float64s("timestamp")
	encoded := t
	if e.Relative {
		encoded = relative(t)
	}
	learned := encoded
	if t.Has(Part) {
		learned = encoded.Only(Part, seq.Train)
	}
	encoder, err := encode.FitTable(learned, columns...)
	if err != nil {
		return nil, err
	}
	rows, err := encoder.Encode(encoded)
	if err != nil {
		return nil, err
	}
	set, err := seq.Group(encoder.Features(), rows, table.Values[int64](t, Position))
	if err != nil {
		return nil, err
	}
	about := make([]seq.About, set.Len())
	attacks, parts := attacksOf(t), partsOf(t)
	for k := range about {
		about[k] = seq.About{Part: parts[k], Label: attacks[k], Origin: k}
		if !e.Start.IsZero() {
			about[k].Start = e.Start.Add(time.Duration(times[at[k]] * 1e9))
		}
	}
	recipe := seq.NewRecipe("conversation", 1, map[string]bool{"relative": e.Relative})
	lineage := seq.Lineage{Names: encoder.Names(), Recipe: &recipe, Encoder: encoder}
	return set.WithAbout(about...).WithLineage(lineage), nil
}

// relative returns conversations with timestamps that count from the first packet of each, so that
// they do not tell when it was.
func relative(t *table.Table) *table.Table {
	times := slices.Clone(t.Float64s("timestamp"))
	at := starts(t)
	for k := range len(at) - 1 {
		begin := times[at[k]]
		for i := at[k]; i < at[k+1]; i++ {
			times[i] -= begin
		}
	}
	return t.With(table.Col("timestamp", times))
}

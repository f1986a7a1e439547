package score

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/trafficlab/trafficlab/trafficlib/data/seq"
	"github.com/trafficlab/trafficlab/trafficlib/data/table"
	"github.com/trafficlab/trafficlab/trafficlib/internal/grid"
)

// A Session is how well one sequence was predicted.
type Session struct {
	Origin int64   // its number in the capture or file that it comes from, from 0
	Part   string  // that it belongs to, "test" for instance
	Label  string  // what it is, "" for unlabeled or normal
	Steps  int64   // predicted steps; 1 if the model answers once a sequence
	Cosine float64 // mean cosine similarity over the steps
	MSE    float64 // mean squared error over steps and features
	RMSE   float64 // mean over the steps of the root of each step's mean squared error
	Score  float64 // the higher the more anomalous: 1 - Cosine, unless it was set to something else
}

// SessionScores are the scores of sequences, in their order. The zero value has none and is ready
// for Add.
type SessionScores struct {
	Sessions []Session
}

// Add scores a sequence, given what is known of it and its true and predicted rows, row-major,
// [steps][features], without padding. A sequence without steps is an error, and so is a prediction
// that is not finite: it has no score.
func (p *SessionScores) Add(about seq.About, want, got []float32, features int) error {
	cos := Cosine(want, got, features)
	if len(cos) == 0 {
		return fmt.Errorf("score: %ssession %d: no steps", prefix(about.Part), about.Origin)
	}
	var mse MSE
	mse.Add(want, got, features)
	s := Session{
		Origin: int64(about.Origin), Part: about.Part, Label: about.Label, Steps: int64(len(cos)),
		Cosine: Mean(cos), MSE: mse.Mean(), RMSE: Mean(RMSE(want, got, features)),
	}
	s.Score = 1 - s.Cosine
	if sum := s.MSE + s.Cosine; math.IsNaN(sum) || math.IsInf(sum, 0) {
		return fmt.Errorf("score: %ssession %d: cosine %v and error %v: a value is not finite",
			prefix(about.Part), about.Origin, s.Cosine, s.MSE)
	}
	p.Sessions = append(p.Sessions, s)
	return nil
}

// prefix returns a part as an error begins with it.
func prefix(part string) string {
	if part == "" {
		return ""
	}
	return part + " "
}

// RepeatLast scores the prediction that needs no model, persistence: what comes is like the last
// step that is known. In seq.NextStep that is each time the step before, which is the input itself;
// in other examples it is the last step of the input, for all steps of the target. It panics if
// inputs and targets differ in width.
func RepeatLast(examples seq.Examples) (*SessionScores, error) {
	if err := examples.Check(); err != nil {
		return nil, err
	}
	if _, in, out := examples.Shape(); in != out {
		panic(fmt.Sprintf("score: RepeatLast: inputs of %d features, targets of %d", in, out))
	}
	p := new(SessionScores)
	_, shifted := examples.(seq.NextStep)
	for b := range seq.Batches(examples, seq.Order{}) {
		for k, i := range b.Index {
			last, next := b.Example(k)
			if !shifted {
				last = slices.Repeat(last[len(last)-b.In:], int(b.TargetLengths[k]))
			}
			if err := p.Add(examples.About(i), next, last, b.In); err != nil {
				return nil, err
			}
		}
	}
	return p, nil
}

// ScoreBy sets the score of every session, to their RMSE for instance.
func (p *SessionScores) ScoreBy(score func(s Session) float64) {
	for i, s := range p.Sessions {
		p.Sessions[i].Score = score(s)
	}
}

// Parts returns the names of the parts: train, valid, test and attack first, then others in the
// order of their first sessions.
func (p *SessionScores) Parts() []string {
	var parts []string
	for _, part := range []string{seq.Train, seq.Valid, seq.Test, seq.Attack} {
		if slices.ContainsFunc(p.Sessions, func(s Session) bool { return s.Part == part }) {
			parts = append(parts, part)
		}
	}
	for _, s := range p.Sessions {
		if !slices.Contains(parts, s.Part) {
			parts = append(parts, s.Part)
		}
	}
	return parts
}

// Scores returns the scores of the sessions of a part, in order; none if there is no such part.
func (p *SessionScores) Scores(part string) []float64 {
	return p.of(part, func(s Session) float64 { return s.Score })
}

// Cosines returns the mean cosines of the sessions of a part, in order.
func (p *SessionScores) Cosines(part string) []float64 {
	return p.of(part, func(s Session) float64 { return s.Cosine })
}

// MSEs returns the mean squared errors of the sessions of a part, in order.
func (p *SessionScores) MSEs(part string) []float64 {
	return p.of(part, func(s Session) float64 { return s.MSE })
}

func (p *SessionScores) of(part string, value func(Session) float64) []float64 {
	var v []float64
	for _, s := range p.Sessions {
		if s.Part == part {
			v = append(v, value(s))
		}
	}
	return v
}

// Table returns a row for each session, with the columns origin, part, label, steps, cosine, mse,
// rmse and score.
func (p *SessionScores) Table() *table.Table {
	return table.New(
		table.Col("origin", field(p, func(s Session) int64 { return s.Origin })),
		table.Col("part", field(p, func(s Session) string { return s.Part })),
		table.Col("label", field(p, func(s Session) string { return s.Label })),
		table.Col("steps", field(p, func(s Session) int64 { return s.Steps })),
		table.Col("cosine", field(p, func(s Session) float64 { return s.Cosine })),
		table.Col("mse", field(p, func(s Session) float64 { return s.MSE })),
		table.Col("rmse", field(p, func(s Session) float64 { return s.RMSE })),
		table.Col("score", field(p, func(s Session) float64 { return s.Score })),
	)
}

func field[T any](p *SessionScores, value func(Session) T) []T {
	v := make([]T, len(p.Sessions))
	for i, s := range p.Sessions {
		v[i] = value(s)
	}
	return v
}

// Save writes the table to an Arrow IPC file.
func (p *SessionScores) Save(path string) error {
	if err := p.Table().Save(path); err != nil {
		return fmt.Errorf("score: %w", err)
	}
	return nil
}

// Open reads the scores that Save wrote. A table without their columns is an error.
func Open(path string) (*SessionScores, error) {
	t, err := table.Open(path)
	if err != nil {
		return nil, fmt.Errorf("score: %w", err)
	}
	model := new(SessionScores).Table() // has the columns and types that are wanted
	for _, name := range model.Names() {
		if !t.Has(name) {
			return nil, fmt.Errorf("score: %s: not a file of scores: there is no column %q", path, name)
		}
		if got, want := t.Column(name).Type(), model.Column(name).Type(); got != want {
			return nil, fmt.Errorf("score: %s: column %q is %v, want %v", path, name, got, want)
		}
	}
	p := &SessionScores{Sessions: make([]Session, t.NumRows())}
	origin, steps := table.Values[int64](t, "origin"), table.Values[int64](t, "steps")
	part, label := t.Strings("part"), t.Strings("label")
	cosine, mse, rmse, score := t.Float64s("cosine"), t.Float64s("mse"), t.Float64s("rmse"), t.Float64s("score")
	for i := range p.Sessions {
		p.Sessions[i] = Session{origin[i], part[i], label[i], steps[i], cosine[i], mse[i], rmse[i], score[i]}
	}
	return p, nil
}

func (p *SessionScores) layout() *grid.Grid {
	g := &grid.Grid{
		Header: []string{"part", "sessions", "steps", "mean cosine", "median cosine", "mean MSE"},
		Right:  []bool{false, true, true, true, true, true},
	}
	digits := func(v float64) string { return strconv.FormatFloat(v, 'f', 7, 64) }
	for _, part := range p.Parts() {
		var steps int64
		for _, s := range p.Sessions {
			if s.Part == part {
				steps += s.Steps
			}
		}
		cos := p.Cosines(part)
		g.Add(part, strconv.Itoa(len(cos)), strconv.FormatInt(steps, 10),
			digits(Mean(cos)), digits(Median(cos)), digits(Mean(p.MSEs(part))))
	}
	return g
}

// String returns a line for each part: its sessions and steps, the mean and the median of its
// sessions' mean cosines, and the mean of their errors.
func (p *SessionScores) String() string { return p.layout().Text() }

// MIME returns what String returns, as text and as an HTML table.
func (p *SessionScores) MIME() (map[string]any, error) { return p.layout().MIME() }

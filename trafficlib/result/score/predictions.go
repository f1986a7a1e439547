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

// A Session is how well one session was predicted.
type Session struct {
	Number int64   // in its file, from 0: seq.Set.Origin
	Role   string  // the group it belongs to, "normal" or "attack"
	Steps  int64   // predicted steps; 1 where a model answers once a sequence
	Cosine float64 // mean cosine similarity over the steps
	MSE    float64 // mean squared error over steps and features
	RMSE   float64 // mean over the steps of the root of each step's mean squared error
	Score  float64 // the higher the more anomalous: 1 - Cosine, unless it was set to something else
}

// Predictions is a line for each session. The zero value has none and is ready for Add.
type SessionScores struct {
	Sessions []Session
}

// Add takes the true and the predicted rows of a session, row-major, [steps][features], without padding. A session
// without steps is an error, and so is a prediction that is not finite: it has no score.
func (p *SessionScores) Add(role string, number int, want, got []float32, features int) error {
	cos := Cosine(want, got, features)
	if len(cos) == 0 {
		return fmt.Errorf("score: %s session %d: no steps", role, number)
	}
	var mse MSE
	mse.Add(want, got, features)
	s := Session{Number: int64(number), Role: role, Steps: int64(len(cos)), Cosine: Mean(cos), MSE: mse.Mean(), RMSE: Mean(RMSE(want, got, features))}
	s.Score = 1 - s.Cosine
	if sum := s.MSE + s.Cosine; math.IsNaN(sum) || math.IsInf(sum, 0) {
		return fmt.Errorf("score: %s session %d: cosine %v and error %v: a value is not finite", role, number, s.Cosine, s.MSE)
	}
	p.Sessions = append(p.Sessions, s)
	return nil
}

// AddRepeatLast scores, as sessions of the role, the prediction that needs no model: what comes is like the last step
// that is known. Of seq.NextStep that is each time the step before, which is the input itself; of other examples it is
// the last step of the input, for all steps of the target. It panics when inputs and targets differ in width.
func (p *SessionScores) AddRepeatLast(role string, examples seq.Examples) error {
	if err := examples.Check(); err != nil {
		return err
	}
	if _, in, out := examples.Shape(); in != out {
		panic(fmt.Sprintf("score: AddRepeatLast: inputs of %d features, targets of %d", in, out))
	}
	_, shifted := examples.(seq.NextStep)
	for b := range seq.Batches(examples, seq.Order{}) {
		for k, i := range b.Index {
			last, next := b.Example(k)
			if !shifted {
				last = slices.Repeat(last[len(last)-b.In:], int(b.TargetLengths[k]))
			}
			if err := p.Add(role, examples.Origin(i), next, last, b.In); err != nil {
				return err
			}
		}
	}
	return nil
}

// ScoreBy sets the score of every session, as to their RMSE.
func (p *SessionScores) ScoreBy(score func(s Session) float64) {
	for i, s := range p.Sessions {
		p.Sessions[i].Score = score(s)
	}
}

// Roles gives the roles, in the order of their first session.
func (p *SessionScores) Roles() []string {
	var roles []string
	for _, s := range p.Sessions {
		if !slices.Contains(roles, s.Role) {
			roles = append(roles, s.Role)
		}
	}
	return roles
}

// Scores gives the scores of the sessions of a role, in order; none when there is no such role.
func (p *SessionScores) Scores(role string) []float64 {
	return p.of(role, func(s Session) float64 { return s.Score })
}

// Cosines gives the mean cosines of the sessions of a role, in order.
func (p *SessionScores) Cosines(role string) []float64 {
	return p.of(role, func(s Session) float64 { return s.Cosine })
}

// MSEs gives the mean squared errors of the sessions of a role, in order.
func (p *SessionScores) MSEs(role string) []float64 {
	return p.of(role, func(s Session) float64 { return s.MSE })
}

func (p *SessionScores) of(role string, value func(Session) float64) []float64 {
	var v []float64
	for _, s := range p.Sessions {
		if s.Role == role {
			v = append(v, value(s))
		}
	}
	return v
}

// Table gives the lines as a table with the columns session, role, steps, cosine, mse, rmse and score.
func (p *SessionScores) Table() *table.Table {
	return table.New(
		table.Col("session", field(p, func(s Session) int64 { return s.Number })),
		table.Col("role", field(p, func(s Session) string { return s.Role })),
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

// Save writes the lines to an Arrow IPC file, a row for each session.
func (p *SessionScores) Save(path string) error {
	if err := p.Table().Save(path); err != nil {
		return fmt.Errorf("score: %w", err)
	}
	return nil
}

// Open reads what Save wrote. A table with other columns is an error.
func Open(path string) (*SessionScores, error) {
	t, err := table.Open(path)
	if err != nil {
		return nil, fmt.Errorf("score: %w", err)
	}
	model := new(SessionScores).Table() // has the columns and types that are wanted
	for _, name := range model.Names() {
		if !t.Has(name) {
			return nil, fmt.Errorf("score: %s: no predictions: there is no column %q", path, name)
		}
		if got, want := t.Column(name).Type(), model.Column(name).Type(); got != want {
			return nil, fmt.Errorf("score: %s: column %q is %v, want %v", path, name, got, want)
		}
	}
	p := &SessionScores{Sessions: make([]Session, t.NumRows())}
	number, role, steps := table.Values[int64](t, "session"), t.Strings("role"), table.Values[int64](t, "steps")
	cosine, mse, rmse, score := t.Float64s("cosine"), t.Float64s("mse"), t.Float64s("rmse"), t.Float64s("score")
	for i := range p.Sessions {
		p.Sessions[i] = Session{number[i], role[i], steps[i], cosine[i], mse[i], rmse[i], score[i]}
	}
	return p, nil
}

func (p *SessionScores) layout() *grid.Grid {
	g := &grid.Grid{
		Header: []string{"role", "sessions", "steps", "mean cosine", "median cosine", "mean MSE"},
		Right:  []bool{false, true, true, true, true, true},
	}
	digits := func(v float64) string { return strconv.FormatFloat(v, 'f', 7, 64) }
	for _, role := range p.Roles() {
		var steps int64
		for _, s := range p.Sessions {
			if s.Role == role {
				steps += s.Steps
			}
		}
		cos := p.Cosines(role)
		g.Add(role, strconv.Itoa(len(cos)), strconv.FormatInt(steps, 10), digits(Mean(cos)), digits(Median(cos)), digits(Mean(p.MSEs(role))))
	}
	return g
}

// String gives a line for each role: its sessions and steps, the mean and the median over its sessions' mean cosines,
// and the mean of their errors.
func (p *SessionScores) String() string { return p.layout().Text() }

// MIME gives what String gives, as text and as an HTML table.
func (p *SessionScores) MIME() (map[string]any, error) { return p.layout().MIME() }

package baseline

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/optimize"
)

// Logistic holds the options of a logistic regression. The zero value has the defaults of
// scikit-learn, with features standardized by its StandardScaler.
//
// With the standardized features z of a row, its weight w and its class c, the fit minimizes over W
// and b
//
//	Σ w · -ln P(c | z) + L2/2 · Σ W²,   P(c | z) = exp(W_c·z + b_c) / Σ_k exp(W_k·z + b_k)
//
// With two classes, P(1 | z) = 1 / (1 + exp(-W·z - b)), and W has one row. b is not penalized. The
// function is convex; the fit uses L-BFGS and starts from zeros.
type Logistic struct {
	Classes   int     // 0 means one more than the largest class
	L2        float64 // 1/C of scikit-learn; 0 means 1
	Balanced  bool    // w = n / (Classes · rows of the class), so that all classes weigh the same; else w = 1
	Tolerance float64 // upper bound of the largest gradient component of the mean loss; 0 means 1e-6
	Steps     int     // maximum number of iterations; 0 means 1000
}

// Logit is a fitted logistic regression.
type Logit struct {
	Classes   int
	Mean, Std []float64   // per feature, as in ZScore
	W         [][]float64 // [class][feature], for standardized features; with two classes one row, that of class 1
	B         []float64   // one for each row of W
	Loss      float64     // final value of the function, divided by the sum of all w
	Steps     int         // number of iterations
	Converged bool        // the gradient is within Tolerance
}

// Fit learns the classes of rows, numbered from 0. It is an error if there are not as many classes
// as rows, only one class occurs, or a class is out of range.
func (o Logistic) Fit(rows Matrix, classes []int) (*Logit, error) {
	m, err := o.fit(rows, classes)
	if err != nil {
		return nil, fmt.Errorf("baseline: logistic: %w", err)
	}
	return m, nil
}

func (o Logistic) fit(rows Matrix, classes []int) (*Logit, error) {
	if o.L2 < 0 || o.Tolerance < 0 || o.Steps < 0 || math.IsNaN(o.L2+o.Tolerance) {
		return nil, fmt.Errorf("L2 %v, tolerance %v, %d steps: want no negative numbers", o.L2, o.Tolerance, o.Steps)
	}
	if len(classes) != rows.n {
		return nil, fmt.Errorf("%d classes for %d rows", len(classes), rows.n)
	}
	if err := rows.check(); err != nil {
		return nil, err
	}
	if o.Classes == 0 {
		o.Classes = max(slices.Max(classes)+1, 2)
	}
	count := make([]int, o.Classes)
	for i, c := range classes {
		if c < 0 || c >= o.Classes {
			return nil, fmt.Errorf("row %d: class %d, want 0 to %d", i, c, o.Classes-1)
		}
		count[c]++
	}
	present := 0
	for _, n := range count {
		if n > 0 {
			present++
		}
	}
	if present < 2 {
		return nil, errors.New("all rows are of one class")
	}
	weights := slices.Repeat([]float64{1}, o.Classes)
	if o.Balanced {
		for c, n := range count {
			weights[c] = float64(rows.n) / float64(present*max(n, 1))
		}
	}
	m := &Logit{Classes: o.Classes}
	m.Mean, m.Std = moments(rows)
	f := &objective{
		rows: rows, classes: classes, weights: weights, model: m, l2: or(o.L2, 1), outputs: o.Classes,
	}
	if o.Classes == 2 {
		f.outputs = 1
	}
	for c, n := range count {
		f.total += weights[c] * float64(n)
	}
	tolerance := or(o.Tolerance, 1e-6)
	problem := optimize.Problem{
		Func: func(x []float64) float64 { return f.at(x).loss },
		Grad: func(g, x []float64) { copy(g, f.at(x).slope) },
	}
	settings := &optimize.Settings{
		GradientThreshold: tolerance, MajorIterations: int(or(float64(o.Steps), 1000)),
		Converger: optimize.NeverTerminate{},
	}
	zeros := make([]float64, f.outputs*(rows.features+1))
	result, err := optimize.Minimize(problem, zeros, settings, &optimize.LBFGS{GradStopThreshold: math.NaN()})
	if result == nil {
		return nil, err
	}
	// The line search fails if rounding hides the slope. The best point by then may be the minimum
	// all the same, so the error is ignored and Converged decides.
	end := f.at(result.X)
	m.Loss, m.Steps, m.Converged = end.loss, result.MajorIterations, floats.Norm(end.slope, math.Inf(1)) <= tolerance
	m.W, m.B = f.split(result.X)
	return m, nil
}

// or returns v, or the default if v is 0.
func or(v, def float64) float64 {
	if v == 0 {
		return def
	}
	return v
}

// An objective is the function being minimized. Its argument x holds for each output the weights of
// the features, then the bias.
type objective struct {
	rows    Matrix
	classes []int
	weights []float64 // per class
	total   float64   // weight of all rows
	l2      float64
	outputs int
	model   *Logit
	x       []float64 // argument of the last call
	value   value     // its result
}

// value is the value of an objective and its gradient.
type value struct {
	loss  float64
	slope []float64
}

// split returns the weights and biases in x.
func (f *objective) split(x []float64) (w [][]float64, b []float64) {
	d := f.rows.features
	for k := range f.outputs {
		w, b = append(w, slices.Clone(x[k*(d+1):][:d])), append(b, x[k*(d+1)+d])
	}
	return w, b
}

// at returns the value and the gradient at x. It keeps the last result, because the optimizer asks
// for the two one after the other.
func (f *objective) at(x []float64) value {
	if slices.Equal(x, f.x) {
		return f.value
	}
	d := f.rows.features
	parts := make([]value, chunks(f.rows.n))
	parallel(f.rows.n, d, func(c, from, to int, row []float64) {
		p := value{slope: make([]float64, len(x))}
		out := make([]float64, f.outputs)
		for i := from; i < to; i++ {
			f.rows.read(i, row)
			f.model.standardize(row)
			class, weight := f.classes[i], f.weights[f.classes[i]]
			for k := range out {
				at := x[k*(d+1):][:d+1]
				out[k] = floats.Dot(row, at[:d]) + at[d]
			}
			p.loss += weight * loss(out, class)
			for k, q := range out { // loss has replaced the outputs by probabilities
				if k == class || f.outputs == 1 {
					q -= float64(b2i(f.outputs > 1 || class == 1))
				}
				slope := p.slope[k*(d+1):][:d+1]
				floats.AddScaled(slope[:d], weight*q, row)
				slope[d] += weight * q
			}
		}
		parts[c] = p
	})
	v := value{slope: make([]float64, len(x))}
	for _, p := range parts {
		v.loss += p.loss
		floats.Add(v.slope, p.slope)
	}
	for k := range f.outputs {
		at, slope := x[k*(d+1):][:d], v.slope[k*(d+1):][:d]
		v.loss += f.l2 / 2 * floats.Dot(at, at)
		floats.AddScaled(slope, f.l2, at)
	}
	v.loss /= f.total
	floats.Scale(1/f.total, v.slope)
	f.x, f.value = append(f.x[:0], x...), v
	return v
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// loss replaces the outputs by probabilities and returns -ln of that of the class.
func loss(out []float64, class int) float64 {
	if len(out) == 1 {
		y := out[0]
		out[0] = 1 / (1 + math.Exp(-y))
		if class == 1 {
			y = -y
		}
		// ln(1 + exp(y)) without overflow
		return max(y, 0) + math.Log1p(math.Exp(-math.Abs(y)))
	}
	largest := slices.Max(out) // subtracted against overflow
	own := out[class] - largest
	var sum float64
	for k, y := range out {
		out[k] = math.Exp(y - largest)
		sum += out[k]
	}
	floats.Scale(1/sum, out)
	return math.Log(sum) - own
}

func (m *Logit) standardize(row []float64) {
	for k := range row {
		row[k] = (row[k] - m.Mean[k]) / m.Std[k]
	}
}

// Probs returns the probability of each class for each row, [n][Classes], row by row.
func (m *Logit) Probs(rows Matrix) []float64 {
	rows.must(len(m.Mean))
	all := make([]float64, rows.n*m.Classes)
	parallel(rows.n, rows.features, func(_, from, to int, row []float64) {
		for i := from; i < to; i++ {
			p := all[i*m.Classes:][:m.Classes]
			if !rows.read(i, row) {
				for k := range p {
					p[k] = math.NaN()
				}
				continue
			}
			m.standardize(row)
			out := p[m.Classes-len(m.W):]
			for k, w := range m.W {
				out[k] = floats.Dot(row, w) + m.B[k]
			}
			loss(out, 0)
			if len(m.W) == 1 {
				p[0] = 1 - p[1]
			}
		}
	})
	return all
}

// Not returns for each row the probability of any class but one: with the class of normal rows, a
// score.
func (m *Logit) Not(rows Matrix, class int) []float64 {
	p, s := m.Probs(rows), make([]float64, rows.n)
	for i := range s {
		for c, q := range p[i*m.Classes : (i+1)*m.Classes] {
			if c != class {
				s[i] += q
			}
		}
	}
	return s
}

// Predict returns the most probable class of each row.
func (m *Logit) Predict(rows Matrix) []int {
	p, classes := m.Probs(rows), make([]int, rows.n)
	for i := range classes {
		own := p[i*m.Classes:][:m.Classes]
		if classes[i] = -1; !math.IsNaN(own[0]) {
			classes[i] = slices.Index(own, slices.Max(own))
		}
	}
	return classes
}

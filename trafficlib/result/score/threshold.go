package score

// Threshold returns the q-quantile of the first half of the scores of normal traffic, and the other
// half: a threshold must not be tried on the scores that have set it. They should be held out from
// training, since a model knows what it has learned from. See Quantile.
func Threshold(normal []float64, q float64) (threshold float64, rest []float64) {
	half := len(normal) / 2
	return Quantile(normal[:half], q), normal[half:]
}

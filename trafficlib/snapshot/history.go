package snapshot

// History is the course of a training: a point for each epoch, or for each stretch of steps.
type History []Point

// Point is where a training stood at one moment.
type Point struct {
	Step  int      `json:"step"`
	Epoch int      `json:"epoch"`
	Train Figures  `json:"train"`           // on the data trained on: of the loss, the mean during the epoch
	Valid *Figures `json:"valid,omitempty"` // on the validation data, after the epoch
}

// Figures are the loss and the cosine similarities on one set of data. Cosines are only there at the epochs at which
// they were measured.
type Figures struct {
	Loss    float64  `json:"loss"`
	Cosines []Cosine `json:"cosines,omitempty"`
}

// Cosine is the cosine similarity of prediction and truth over the first packets of each sequence: first averaged over
// the packets of a sequence, then over the sequences.
type Cosine struct {
	Packets int     `json:"packets"` // how many packets from the start count; 0 means all that the sequence has
	Mean    float64 `json:"mean"`
	Median  float64 `json:"median"`
}

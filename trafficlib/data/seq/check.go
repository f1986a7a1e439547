package seq

import (
	"errors"
	"fmt"
	"math"
)

// check reports what makes sequences unfit for a model: that there are none, a transform of another
// width, a sequence with fewer than least steps, or a value that is not finite. It reads the whole
// set. role, such as "input", distinguishes two sets of the same examples.
func check(role string, set *Set, transform Transform, least int) error {
	if role != "" {
		role += " "
	}
	switch {
	case set != nil && set.Len() == 0 && set.chosen != "":
		return fmt.Errorf("seq: %s%s", role, set.chosen)
	case set == nil || set.Len() == 0:
		return errors.New("seq: the " + role + "set has no sequences")
	case transform != nil && transform.Features() != set.Features():
		return fmt.Errorf("seq: the %stransform is for %d features, the sequences have %d",
			role, transform.Features(), set.Features())
	}
	for i, rows := range set.rows {
		switch n := set.Steps(i); {
		case n == 0:
			return fmt.Errorf("seq: %ssequence %d: no steps", role, set.Origin(i))
		case n < least:
			return fmt.Errorf("seq: %ssequence %d: %d steps: an example needs %d", role, set.Origin(i), n, least)
		}
		if k := notFinite(rows); k >= 0 {
			return fmt.Errorf("seq: %ssequence %d: step %d: feature %d: %v",
				role, set.Origin(i), k/set.features, k%set.features, rows[k])
		}
	}
	return nil
}

// notFinite returns the place of the first NaN or infinity, or -1: these are the values whose
// exponent bits are all set.
func notFinite(values []float32) int {
	const exponent = 0x7f80_0000
	for i, v := range values {
		if math.Float32bits(v)&exponent == exponent {
			return i
		}
	}
	return -1
}

// fill copies the rows of a sequence to the start of an example, as many as have room, and
// transforms them. It returns the number of steps.
func fill(to, rows []float32, features int, transform Transform) int32 {
	n := copy(to, rows)
	if transform != nil {
		transform.Transform(to[:n])
	}
	return int32(n / features)
}

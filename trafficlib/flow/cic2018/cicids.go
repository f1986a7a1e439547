// Package cicids loads the flow files of CSE-CIC-IDS2018, and others that CICFlowMeter wrote, at full size.
//
// It takes CSV files of a day each, of any size, and gives one Arrow IPC file with compact types, sorted by time if that
// is asked for, which is mapped into memory: millions of flows open in milliseconds, cost no memory but the pages that
// are looked at, and pandas, Polars and DuckDB read the same file. Reading is one pass over the text on all cores within
// a bounded memory; what was found on the way (repeated headers, infinities, columns too many) is counted and reported.
//
// What is loaded can be looked at (LabelCounts, Head, Summary, Timeline) and cut into windows of consecutive flows, which are
// split in time and never shuffled across it: Windows, Split, and Table for what encode and seq take.
//
// Columns are known by what they are for, in any of CICFlowMeter's spellings, so that CIC-IDS2017 and CSE-CIC-IDS2018 load
// in all their forms. What a file lacks is not made up: without a Timestamp the order of its rows stands for it. Rows
// that nobody labeled (NeedManualLabel, No Label, nothing) and rows without a value are left out and counted. One odd file
// among others, which is empty, no such table or lacks columns that the others have, is named and left out.
//
// It refuses files that are no such tables, rows that are cut or hold what is no number (or leaves them out, see
// Options.SkipBad), and a cached file whose sources have changed.
//
// The data: Sharafaldin, Lashkari, Ghorbani, "Toward Generating a New Intrusion Detection Dataset and Intrusion Traffic
// Characterization", ICISSP 2018, https://www.unb.ca/cic/datasets/ids-2018.html.
package cic2018

import (
	"errors"
	"fmt"
	"time"
)

// Policy says what is done with a value that is missing or infinite.
type Policy int

const (
	// Keep, the zero value, leaves it as it is: the column becomes one of floats, a missing value NaN.
	Keep Policy = iota
	// Drop leaves the row out.
	Drop
	// Clip turns an infinity into the largest or smallest finite value of its column.
	Clip
	// Fill puts the smallest finite value of the column, less one, in its place.
	Fill
	// Fail ends with an error that names the place.
	Fail
)

func (p Policy) String() string {
	if p < Keep || p > Fail {
		return fmt.Sprintf("Policy(%d)", int(p))
	}
	return [...]string{"keep", "drop", "clip", "fill", "fail"}[p]
}

// ParsePolicy gives the policy of a name, as a parameter of a notebook has it.
func ParsePolicy(name string) (Policy, error) {
	for p := Keep; p <= Fail; p++ {
		if p.String() == name {
			return p, nil
		}
	}
	return 0, fmt.Errorf("cic2018: policy %q: want keep, drop, clip, fill or fail", name)
}

// Options says how flows are loaded. The zero value keeps all rows in the order of the files.
type Options struct {
	Sort     bool      // by time, rows of the same time in the order of the files
	Since    time.Time // rows before it are left out; the time of day as the files tell it, in UTC
	Missing  Policy    // of empty cells and NaN; not Clip
	Infinite Policy    // of infinities
	SkipBad  bool      // leaves out rows with too many or too few cells, or a cell of another kind, in place of failing

	// Afternoon repairs a clock of twelve hours without AM or PM, as the files of CSE-CIC-IDS2018 have it: the captures
	// ran by day, so that the hours 1 to 7 are those of the afternoon. A file with an hour of 0 or above 12 is left as it
	// is. The report counts the rows that moved.
	Afternoon bool

	// Attempted marks attacks that were only attempted, "SSH-Bruteforce - Attempted": flows of an attack in which the
	// attacker sent no payload, so that nothing of the attack is in them. See Attempted in labels.go for the rule, what
	// it leaves alone, and the papers.
	Attempted bool
}

func (o Options) check() error {
	for _, p := range []Policy{o.Missing, o.Infinite} {
		if p < Keep || p > Fail {
			return fmt.Errorf("no policy %v", p)
		}
	}
	if o.Missing == Clip {
		return errors.New("missing values can not be clipped: Keep, Drop, Fill or Fail")
	}
	return nil
}

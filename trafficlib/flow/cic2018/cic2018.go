// Package cic2018 loads the flow files of CSE-CIC-IDS2018, and all CSV files that CICFlowMeter
// wrote, at full size.
//
// It takes CSV files of any size, one or more for each day, and returns a flow table
// (flowtable.Table): one Arrow file with compact types, sorted by time if that is asked for. It
// reads the text once, on all cores and within bounded memory. What it finds on the way, such as
// repeated headers, infinities and rows that are too long, it counts and reports.
//
// Columns are known by what they mean, in any of CICFlowMeter's spellings, so CICIDS2017 and
// CSE-CIC-IDS2018 load in all their forms. What a file lacks is not made up: without a Timestamp
// the order of the rows stands for the time. Rows without a label (NeedManualLabel, No Label,
// nothing) and rows without a value are left out and counted. A file that is empty, is no such
// table or lacks columns of the others is left out beside others, and named.
//
// It refuses files that are no such tables, rows that end early or hold what is not a number (or
// leaves them out, see Options.SkipBad), and an earlier result whose sources have changed.
//
// The data: Sharafaldin, Lashkari, Ghorbani, "Toward Generating a New Intrusion Detection Dataset
// and Intrusion Traffic Characterization", ICISSP 2018,
// https://www.unb.ca/cic/datasets/ids-2018.html.
package cic2018

import (
	"errors"
	"fmt"
	"time"

	"github.com/trafficlab/trafficlab/trafficlib/data/table"
)

// Options says how flows are loaded. The zero value loads all rows in the order of the files and
// fails at values that are missing or infinite.
type Options struct {
	Sort     bool         // by time; rows of the same time stay in the order of the files
	Since    time.Time    // rows before it are left out; the time of day as the files have it, in UTC
	Missing  table.Policy // for empty cells and NaN; not Clip
	Infinite table.Policy // for infinities
	SkipBad  bool         // leave out rows with too many or too few cells, or a cell of another kind, instead of failing

	// Afternoon repairs a clock of twelve hours without AM or PM, which the files of
	// CSE-CIC-IDS2018 have: the captures ran by day, so the hours 1 to 7 are those of the
	// afternoon. A file with an hour of 0 or above 12 is left as it is. The report counts the rows
	// that moved.
	Afternoon bool

	// Attempted marks attacks that were only attempted, as in "SSH-Bruteforce - Attempted": flows
	// of an attack in which the attacker sent no payload, so nothing of the attack is in them. See
	// the function Attempted for the rule, its exceptions, and the papers.
	Attempted bool

	Notes []string // lines for the report, by what prepared the files
}

func (o Options) check() error {
	for _, p := range []table.Policy{o.Missing, o.Infinite} {
		if p < table.Fail || p > table.Fill {
			return fmt.Errorf("no policy %v", p)
		}
	}
	if o.Missing == table.Clip {
		return errors.New("missing values cannot be clipped: want fail, skip, keep or fill")
	}
	return nil
}

// version grows when the same sources and options make another table.
const version = 3

// record returns the options as a table records them.
func (o Options) record() string {
	since := ""
	if !o.Since.IsZero() {
		since = o.Since.UTC().Format("2006-01-02T15:04:05.999999")
	}
	return fmt.Sprintf("sort=%v since=%s missing=%v infinite=%v skipbad=%v afternoon=%v attempted=%v",
		o.Sort, since, o.Missing, o.Infinite, o.SkipBad, o.Afternoon, o.Attempted)
}

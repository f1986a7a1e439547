package cic2018

import "strings"

// attempted marks the label of an attack that was only attempted.
const attempted = " - Attempted"

// Attempted reports whether a label marks an attack that was only attempted, and returns the label
// without the mark.
//
// With Options.Attempted a flow gets this mark if it is labeled as an attack and its attacker sent
// no payload ("TotLen Fwd Pkts" is 0): a connection that was opened, refused or closed with nothing
// of the attack in it. "Infilteration" is left alone, since a scan of ports, which is part of it,
// needs no payload. Of the categories of attempted attacks this is the first, the one that the
// columns of a flow tell, in
//
//	Engelen, Rimmer, Joosen, "Troubleshooting an Intrusion Detection Dataset: the CICIDS2017
//	Case Study", WTMC 2021, https://doi.org/10.1109/SPW53761.2021.00009
//	Liu, Engelen, Lynar, Essam, Joosen, "Error Prevalence in NIDS datasets: A Case Study on
//	CIC-IDS-2017 and CSE-CIC-IDS-2018", CNS 2022, https://doi.org/10.1109/CNS56114.2022.9947235
//
// The regenerated files of the second paper have more categories, mark them by the same ending and
// load as they are.
func Attempted(label string) (attack string, yes bool) { return strings.CutSuffix(label, attempted) }

// markable reports whether the rule of Attempted applies to flows of a label.
func markable(label string) bool {
	l := strings.ToLower(label)
	return l != "benign" && !strings.HasPrefix(l, "infil") && !strings.HasSuffix(label, attempted)
}

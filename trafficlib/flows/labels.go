package flows

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// Benign is the label of what is no attack.
const Benign = "Benign"

// attempted is what marks the label of an attack that was only attempted.
const attempted = " - Attempted"

// Attempted says whether a label marks an attack that was only attempted, and gives the label without the mark.
//
// With Options.Attempted a flow gets this mark when it is labeled as an attack and its attacker sent no payload ("TotLen
// Fwd Pkts" is 0): a connection that was opened, refused or closed with nothing of the attack in it. "Infilteration" is
// left alone, since a scan of ports, which is part of it, needs no payload. This is the first category of attempted
// attacks, and the one that the columns of a flow tell, of
//
//	Engelen, Rimmer, Joosen, "Troubleshooting an Intrusion Detection Dataset: the CICIDS2017 Case Study", WTMC 2021,
//	https://doi.org/10.1109/SPW53761.2021.00009
//	Liu, Engelen, Lynar, Essam, Joosen, "Error Prevalence in NIDS datasets: A Case Study on CIC-IDS-2017 and
//	CSE-CIC-IDS-2018", CNS 2022, https://doi.org/10.1109/CNS56114.2022.9947235
//
// The second paper's regenerated files, which have more categories, name them by the same ending and load as they are.
func Attempted(label string) (attack string, yes bool) { return strings.CutSuffix(label, attempted) }

// markable says whether the rule of Attempted applies to flows of a label.
func markable(label string) bool {
	l := strings.ToLower(label)
	return l != "benign" && !strings.HasPrefix(l, "infil") && !strings.HasSuffix(label, attempted)
}

// dashes are those that stand for "-" in labels, in UTF-8, and as what is left of one that was read in a wrong encoding.
var dashes = strings.NewReplacer("\u2013", "-", "\u2014", "-", "\u2012", "-", "\u2212", "-", "\u0096", "-", "\u0097", "-", "\ufffd", "-", "ï¿½", "-")

// normalLabel gives a label as it is kept: without stray blanks, dashes of Windows-1252 and of UTF-8 as "-", other bytes
// that are not UTF-8 as Windows-1252 has them.
func normalLabel(raw []byte) string {
	raw = bytes.TrimSpace(raw)
	s := string(raw)
	if !utf8.Valid(raw) {
		var b strings.Builder
		for _, c := range raw {
			switch {
			case c == 0x96 || c == 0x97:
				b.WriteByte('-')
			case c >= 0x80 && c < 0xa0:
				b.WriteRune(windows1252[c-0x80])
			default:
				b.WriteRune(rune(c))
			}
		}
		s = b.String()
	}
	s = dashes.Replace(s)
	if strings.EqualFold(s, Benign) {
		s = Benign // CIC-IDS2017 writes BENIGN
	}
	return strings.Join(strings.Fields(s), " ")
}

// windows1252 are the characters from 0x80 to 0x9f.
var windows1252 = [32]rune{'€', '\ufffd', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\ufffd', 'Ž', '\ufffd',
	'\ufffd', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\ufffd', 'ž', 'Ÿ'}

// maxLabels is how many different labels a data set may have: more of them are no labels.
const maxLabels = 1 << 12

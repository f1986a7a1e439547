package flowcsv

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// Benign is the label of flows that are not attacks.
const Benign = "Benign"

// dashes has what stands for "-" in labels: dashes in UTF-8, and what is left of one that was read
// in a wrong encoding.
var dashes = strings.NewReplacer("\u2013", "-", "\u2014", "-", "\u2012", "-", "\u2212", "-", "\u0096", "-",
	"\u0097", "-", "\ufffd", "-", "ï¿½", "-")

// LabelOf returns a label as flow tables have it: without stray blanks, any dash as "-", Benign in
// its one spelling, and bytes that are not UTF-8 decoded as Windows-1252.
func LabelOf(raw []byte) string {
	raw = bytes.TrimSpace(raw)
	s := string(raw)
	if !utf8.Valid(raw) {
		var b strings.Builder
		for _, c := range raw {
			b.WriteRune(charmap.Windows1252.DecodeByte(c))
		}
		s = b.String()
	}
	s = strings.Join(strings.Fields(dashes.Replace(s)), " ")
	if strings.EqualFold(s, Benign) { // CIC-IDS2017 writes BENIGN
		return Benign
	}
	return s
}

// none has the words, without blanks and signs, for flows that nobody labeled.
var none = map[string]bool{"": true, "needmanuallabel": true, "nolabel": true, "notlabeled": true,
	"notlabelled": true, "unlabeled": true,
	"unlabelled": true, "nan": true, "null": true, "none": true, "na": true}

// NoLabel reports whether a label means that nobody labeled the flow. CICFlowMeter writes
// NeedManualLabel and No Label.
func NoLabel(label string) bool {
	if len(label) > 40 {
		return false
	}
	return none[strings.Map(func(r rune) rune {
		switch {
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r > 127:
			return r
		}
		return -1
	}, label)]
}

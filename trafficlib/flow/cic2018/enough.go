package cic2018

import "fmt"

// Enough says in one line which of the parts of a split has too few windows to go on with, and how many each has: of the
// first two, on which a model of normal flows is trained and its thresholds are found, at least one must be normal, and the
// others must not be empty. names are those of the parts.
func Enough(parts []*Windows, names ...string) error {
	if len(names) != len(parts) {
		panic(fmt.Sprintf("cic2018: Enough: %d parts and %d names", len(parts), len(names)))
	}
	lacking, all := "", ""
	for i, p := range parts {
		normal := p.Normal().Len()
		if lacking == "" && (p.Len() == 0 || i < 2 && normal == 0) {
			lacking = names[i]
		}
		if i > 0 {
			all += ", "
		}
		all += fmt.Sprintf("%s %d (%d normal)", names[i], p.Len(), normal)
	}
	if lacking == "" {
		return nil
	}
	return fmt.Errorf("cic2018: too few windows for %s: %s: shorter windows (length), smaller steps (step), another grouping (by) or other parts (trainPart, validPart) make more",
		lacking, all)
}

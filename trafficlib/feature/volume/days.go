package volume

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// date is a day as archives write it in names, 20190107, and perhaps more digits for the time.
var date = regexp.MustCompile(`(?:19|20)\d\d[01]\d[0-3]\d\d*`)

// ByDate returns paths in the order of the dates in the names of their files, as in
// 201901071400.pcap.gz. Names without a date keep their order among themselves, before all others.
func ByDate(paths []string) []string {
	sorted := slices.Clone(paths)
	slices.SortStableFunc(sorted, func(a, b string) int {
		return strings.Compare(date.FindString(filepath.Base(a)), date.FindString(filepath.Base(b)))
	})
	return sorted
}

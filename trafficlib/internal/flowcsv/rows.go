package flowcsv

import "bytes"

// Blank reports whether a row has no value in any cell, as the last 288,602 of a published file.
func Blank(cells [][]byte) bool {
	for _, c := range cells {
		if len(bytes.TrimSpace(c)) > 0 {
			return false
		}
	}
	return true
}

// Repeats reports whether a row is the header of its file once more, whose keys these are: every cell names its column,
// as far as a file that ends there has it, or the label's cell is the word for it.
func Repeats(keys []string, cells [][]byte) bool {
	if len(cells) != len(keys) {
		return false
	}
	same := 0
	for i, cell := range cells {
		k := Key(string(cell))
		if r := RoleOf(k); (r == Protocol || r == Label) && keys[i] == k {
			return true
		}
		if k == keys[i] || k != "" && len(keys[i]) > len(k) && keys[i][:len(k)] == k {
			same++
		}
	}
	return same == len(cells)
}

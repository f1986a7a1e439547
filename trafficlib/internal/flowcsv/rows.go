package flowcsv

import "bytes"

// Blank reports whether all cells of a row are empty, as in the last 288,602 rows of a published
// file.
func Blank(cells [][]byte) bool {
	for _, c := range cells {
		if len(bytes.TrimSpace(c)) > 0 {
			return false
		}
	}
	return true
}

// Repeats reports whether a row repeats the header of its file, which has these keys: every cell
// names its column, or the beginning of it if the file ends there, or the cell of the label or the
// protocol does.
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

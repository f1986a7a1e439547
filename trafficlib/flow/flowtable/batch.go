package flowtable

// A Batch is rows on their way into a table, column by column. All columns are as long as Times. A
// batch may be used again when Append has returned.
type Batch struct {
	Times     []int64     // of the first packets, in microseconds since 1970, UTC
	Ties      []uint64    // orders rows of equal times in a sorted table; nil for the order in which they are appended
	Ports     []uint16    // of the destinations
	Protocols []uint8     // IP protocol numbers
	Numbers   [][]float64 // the columns of numbers, as NewWriter was told
	Integral  []bool      // of which columns of numbers all values are whole and finite; nil if that is unknown
	Texts     []Texts     // the columns of text, as NewWriter was told, and behind them the labels

	chunk chunk
}

// Texts is a column of text: the code of each row is an index into Values.
type Texts struct {
	Values []string
	Codes  []uint32
}

// A TextColumn builds Texts row by row. The zero value is empty.
type TextColumn struct {
	Texts
	code map[string]uint32
}

// Add appends a row.
func (t *TextColumn) Add(value string) {
	code, ok := t.code[value]
	if !ok {
		if t.code == nil {
			t.code = map[string]uint32{}
		}
		code = uint32(len(t.Values))
		t.code[value] = code
		t.Values = append(t.Values, value)
	}
	t.Codes = append(t.Codes, code)
}

// Reset removes all rows.
func (t *TextColumn) Reset() {
	t.Values, t.Codes = t.Values[:0], t.Codes[:0]
	clear(t.code)
}

package tlsfeat

// cell is a feature of a packet that is not zero. Rows are kept as such: of 146 features a packet has about eight.
type cell struct {
	value float64
	at    uint8
}

// rows are the packets of a session.
type rows struct {
	cells []cell
	ends  []int32 // of each packet in cells
	back  []bool  // whether the packet came from the second end of the connection, see conn
}

// begin begins a packet. What is put and added from then on is its.
func (r *rows) begin(back bool) {
	r.ends = append(r.ends, int32(len(r.cells)))
	r.back = append(r.back, back)
}

// row gives the cells of the packet that was begun last.
func (r *rows) row() []cell {
	from := int32(0)
	if n := len(r.ends); n > 1 {
		from = r.ends[n-2]
	}
	return r.cells[from:]
}

// add adds to a feature of the packet that was begun last.
func (r *rows) add(at int, value float64) {
	if value == 0 {
		return
	}
	row := r.row()
	for i := range row {
		if row[i].at == uint8(at) {
			row[i].value += value
			return
		}
	}
	r.cells = append(r.cells, cell{value, uint8(at)})
	r.ends[len(r.ends)-1] = int32(len(r.cells))
}

// set makes a feature of the packet that was begun last 1.
func (r *rows) set(at int) {
	for _, c := range r.row() {
		if c.at == uint8(at) {
			return
		}
	}
	r.add(at, 1)
}

// has says whether a feature of the packet that was begun last is not zero.
func (r *rows) has(at int) bool {
	for _, c := range r.row() {
		if c.at == uint8(at) {
			return true
		}
	}
	return false
}

func (r *rows) reset() { r.cells, r.ends, r.back = r.cells[:0], r.ends[:0], r.back[:0] }

package tlsfeat

import "slices"

// A cell is a feature of a packet that is not zero. Rows are kept as cells: of 146 features a
// packet has about eight.
type cell struct {
	value float64
	at    uint8
}

// rows are the packets of a session.
type rows struct {
	cells []cell
	ends  []int32 // of each packet in cells
	back  []bool  // whether the packet came from the second end of the connection, see conn
	at    int     // the packet that add, set and so on change
}

// begin begins a packet: add and set change it, until turn chooses another.
func (r *rows) begin(back bool) {
	r.ends = append(r.ends, int32(len(r.cells)))
	r.back = append(r.back, back)
	r.at = len(r.ends) - 1
}

// turn chooses the packet that add and set change.
func (r *rows) turn(packet int) { r.at = packet }

// row returns the cells of the packet.
func (r *rows) row() []cell {
	from := int32(0)
	if r.at > 0 {
		from = r.ends[r.at-1]
	}
	return r.cells[from:r.ends[r.at]]
}

// add adds to a feature of the packet.
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
	r.cells = slices.Insert(r.cells, int(r.ends[r.at]), cell{value, uint8(at)})
	for i := r.at; i < len(r.ends); i++ {
		r.ends[i]++
	}
}

// set makes a feature of the packet 1.
func (r *rows) set(at int) {
	for _, c := range r.row() {
		if c.at == uint8(at) {
			return
		}
	}
	r.add(at, 1)
}

// protocol sets a column of Protocol of the packet in place of TCP's.
func (r *rows) protocol(at int) {
	row := r.row()
	for i := range row {
		if row[i].at == Protocol {
			row[i].at = uint8(at)
			return
		}
	}
	r.add(at, 1)
}

// has reports whether a feature of the packet is not zero.
func (r *rows) has(at int) bool {
	for _, c := range r.row() {
		if c.at == uint8(at) {
			return true
		}
	}
	return false
}

func (r *rows) reset() { r.cells, r.ends, r.back = r.cells[:0], r.ends[:0], r.back[:0] }

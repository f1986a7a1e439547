package flow

// A queue is a list of flows of a shard, linked through their records; none ends it.
type queue struct{ old, young int32 }

// add appends a flow at the young end.
func (q *queue) add(s *shard, i int32, r *record) {
	r.prev, r.next = q.young, none
	if q.young != none {
		s.at(q.young).next = i
	} else {
		q.old = i
	}
	q.young = i
}

// remove removes a flow.
func (q *queue) remove(s *shard, r *record) {
	if r.prev != none {
		s.at(r.prev).next = r.next
	} else {
		q.old = r.next
	}
	if r.next != none {
		s.at(r.next).prev = r.prev
	} else {
		q.young = r.prev
	}
}

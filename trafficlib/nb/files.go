package nb

// Open opens a file of this run, named as in [Work], with the function that reads its kind. An
// error ends the cell as [Check] does.
//
//	set := nb.Open(seq.Open, "sessions.arrow")
func Open[T any](open func(path string) (T, error), elem ...string) T {
	return Must(open(Work(elem...)))
}

// Save saves a value to a file of this run, named as in [Work]. An error ends the cell as [Check]
// does.
//
//	nb.Save(set, "sessions.arrow")
func Save(v interface{ Save(path string) error }, elem ...string) {
	Check(v.Save(Work(elem...)))
}

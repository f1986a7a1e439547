package cellsource

import "go/token"

// A Piece is one declaration or statement at the top of a cell of Go.
type Piece struct {
	Start, End  int // bytes of the text
	Declaration bool
	Token       token.Token // of a declaration: what it begins with
}

// Pieces cuts a cell of Go into its declarations and statements. The error is a [scanner.ErrorList] whose positions are
// those of the text.
func Pieces(code string) ([]Piece, error) {
	pieces, err := split(code)
	if err != nil {
		return nil, err
	}
	out := make([]Piece, len(pieces))
	for i, p := range pieces {
		out[i] = Piece{Start: p.start, End: p.end, Declaration: p.decl, Token: p.tok}
	}
	return out, nil
}

// Silent reports whether the results of a function are of no interest at the end of a cell. The name is qualified as in
// fmt.Println, with the last element of the package's path, or predeclared.
func Silent(name string) bool { return printers[name] }

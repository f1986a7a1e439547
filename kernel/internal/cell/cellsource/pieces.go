package cellsource

import (
	"go/token"
	"regexp"
	"slices"
)

// A Piece is a declaration or statement at the top level of a cell of Go.
type Piece struct {
	Start, End  int // offsets in the text
	Declaration bool
	Token       token.Token // a declaration's first token
}

// Pieces splits a cell of Go into its declarations and statements. The error is a
// [scanner.ErrorList] whose positions are those of the text.
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

// Cut splits a cell that may be unfinished or wrong into pieces: whatever begins like a declaration
// counts as one.
func Cut(code string) []Piece {
	var out []Piece
	for _, p := range cut(code) {
		piece := Piece{Start: p.start, End: p.end, Token: p.tok}
		switch p.tok {
		case token.IMPORT, token.TYPE, token.CONST, token.VAR:
			piece.Declaration = true
		case token.FUNC:
			piece.Declaration = namedFunc.MatchString(code[p.start:p.end])
		}
		out = append(out, piece)
	}
	return out
}

// namedFunc matches the beginning of a function declaration or of a method.
var namedFunc = regexp.MustCompile(`^func\s*(\([^()]*\)\s*)?[\pL_]`)

// Silent reports whether the results of a function are not shown at the end of a cell. The name is
// qualified as in fmt.Println, with the last element of the package's path, or predeclared.
func Silent(name string) bool { return slices.Contains(printers, name) }

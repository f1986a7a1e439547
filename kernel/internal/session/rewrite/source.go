package rewrite

import (
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"sort"
	"strconv"
	"strings"

	"github.com/trafficlab/trafficlab/kernel/internal/cell/cellsource"
)

// A source is the text of a cell.
type source struct {
	id    int    // the number of its package
	name  string // in line directives
	code  string
	lines []int // the offsets of their beginnings

	noinline map[int]bool // lines with a go:noinline directive
}

// A cell is parsed as two files: its declarations, and its statements as the body of a function. In
// both the rest of the cell is blank, and the text before it has the same length, so that a
// position is an offset in the cell.
const (
	bodyHead = "package main;func _(){"
	declHead = "package main;         "
)

func newSource(id int, name, code string) *source {
	s := &source{id: id, name: name, code: code, lines: []int{0}, noinline: map[int]bool{}}
	for i := range len(code) {
		if code[i] == '\n' {
			s.lines = append(s.lines, i+1)
		}
	}
	return s
}

// number returns the number of the cell that the user knows: the one in its name.
func (s *source) number() int {
	if _, rest, ok := strings.Cut(s.name, "["); ok {
		rest, _, _ = strings.Cut(rest, "]")
		if n, err := strconv.Atoi(rest); err == nil {
			return n
		}
	}
	return s.id
}

func (s *source) label() string { return strconv.Itoa(s.number()) }

// position returns the line and the column, in bytes, of an offset, both from 1.
func (s *source) position(offset int) (line, column int) {
	offset = max(0, min(offset, len(s.code)))
	line = sort.SearchInts(s.lines, offset+1)
	return line, offset - s.lines[line-1] + 1
}

// directive returns the comment that tells the compiler where in the cell the text after it stands.
func (s *source) directive(offset int) string {
	line, column := s.position(offset)
	return "/*line " + s.name + ":" + strconv.Itoa(line) + ":" + strconv.Itoa(column) + "*/"
}

// parsed is a parsed cell.
type parsed struct {
	*source
	pieces     []cellsource.Piece
	file       *ast.File // its declarations
	body       *ast.BlockStmt
	unresolved []*ast.Ident // of both files
	inDecls    int          // how many of them are in declarations
	bodyText   string       // the cell with its declarations blanked
}

// parse splits a cell and parses it. If tolerant, it uses what it can of a cell with errors.
func parse(fset *token.FileSet, src *source, tolerant bool) (*parsed, error) {
	pieces, err := cellsource.Pieces(src.code)
	if err != nil && !tolerant {
		return nil, err
	}
	if err != nil {
		pieces = cellsource.Cut(src.code)
	}
	p := &parsed{source: src, pieces: pieces}
	var decls []cellsource.Piece
	for _, piece := range pieces {
		if piece.Declaration && piece.Token != token.VAR {
			decls = append(decls, piece)
		}
	}
	p.bodyText = blank(src.code, decls, true)
	declText := declHead + blank(src.code, decls, false)
	if p.file, err = parser.ParseFile(fset, src.name, declText, 0); p.file == nil || err != nil && !tolerant {
		return nil, moved(err)
	}
	body, err := parser.ParseFile(fset, src.name, bodyHead+p.bodyText+"\n}", 0)
	if body == nil || len(body.Decls) == 0 || err != nil && !tolerant {
		return nil, moved(err)
	}
	p.body = body.Decls[0].(*ast.FuncDecl).Body
	p.inDecls = len(p.file.Unresolved)
	p.unresolved = append(p.file.Unresolved[:p.inDecls:p.inDecls], body.Unresolved...)
	return p, nil
}

// moved removes the text before the cell from the positions of a parser's error.
func moved(err error) error {
	if list, ok := err.(scanner.ErrorList); ok {
		for _, e := range list {
			if e.Pos.Line == 1 {
				e.Pos.Column -= len(bodyHead)
			}
		}
	}
	return err
}

// blank overwrites pieces of a text with spaces if in is true, or everything else if not. Line
// breaks stay.
func blank(text string, pieces []cellsource.Piece, in bool) string {
	out := []byte(text)
	inside := make([]bool, len(out))
	for _, p := range pieces {
		for i := p.Start; i < p.End; i++ {
			inside[i] = true
		}
	}
	for i, c := range out {
		if inside[i] == in && c != '\n' {
			out[i] = ' '
		}
	}
	if !in {
		// Declarations on one line need a separator.
		for _, p := range pieces {
			if p.End < len(out) && out[p.End] == ' ' {
				out[p.End] = ';'
			}
		}
	}
	return string(out)
}

// offset returns the offset in the cell of a position in its files.
func offset(fset *token.FileSet, pos token.Pos) int {
	return fset.PositionFor(pos, false).Offset - len(bodyHead)
}

package rewrite

import (
	"go/ast"
	"go/token"
	"strconv"
	"strings"
)

// takeImports takes in the import declarations of the cell.
func (w *rewriting) takeImports() error {
	var problems []problem
	for _, spec := range w.file.Imports {
		path, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			problems = append(problems, problem{spec.Path.Pos(), "invalid import path: " + spec.Path.Value})
			continue
		}
		if strings.Contains("/"+path+"/", "/internal/") {
			problems = append(problems, problem{spec.Path.Pos(), "use of internal package " + path + " not allowed"})
			continue
		}
		pkg, err := w.importer.Import(path)
		if err != nil {
			problems = append(problems,
				problem{spec.Path.Pos(), "could not import " + path + " (" + importError(err) + ")"})
			continue
		}
		name := pkg.Name()
		if spec.Name != nil {
			name = spec.Name.Name
		}
		switch name {
		case "_":
			w.blanks = append(w.blanks, path)
		case ".":
			w.dots = append(w.dots, path)
		default:
			if was := w.imports[name]; was != "" && was != path {
				problems = append(problems, problem{importPos(spec), name + " redeclared in this block"})
			}
			w.imports[name] = path
		}
	}
	return w.failed(problems)
}

func importPos(spec *ast.ImportSpec) token.Pos {
	if spec.Name != nil {
		return spec.Name.Pos()
	}
	return spec.Path.Pos()
}

// importError returns why a package cannot be imported, without the prefix of go/importer.
func importError(err error) string {
	msg := err.Error()
	if _, rest, ok := strings.Cut(msg, "can't find import: "); ok {
		return rest
	}
	return msg
}

package rewrite

import (
	"errors"
	"go/importer"
	"go/token"
	"go/types"
	"io"
)

// newImporter returns an importer that reads export data.
func newImporter(fset *token.FileSet, export func(string) (io.ReadCloser, error)) types.Importer {
	return importer.ForCompiler(fset, "gc", func(path string) (io.ReadCloser, error) {
		if export == nil {
			return nil, errors.New("no packages")
		}
		return export(path)
	})
}

// isCell reports whether a package is that of a cell.
func isCell(p *types.Package) bool { return p != nil && p.Path() == cellPath }

// cellPath is the path of all cells for the checker, so that they share their unexported names.
const cellPath = "main"

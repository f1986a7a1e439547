package gobuild

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"slices"
	"strconv"
	"strings"
)

// FixImports does what goimports does for a file, in the plain cases: it removes unused imports and
// adds packages of the standard library whose names are unambiguous. Names has the names of known
// packages, by import path. It returns false for a file that needs goimports itself.
func FixImports(source []byte, names map[string]string) ([]byte, bool) {
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "", source, parser.ParseComments)
	if err != nil {
		return nil, false
	}
	wanted := map[string]bool{}
	unresolved := map[*ast.Ident]bool{}
	for _, id := range f.Unresolved {
		unresolved[id] = true
	}
	ast.Inspect(f, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok {
			if id, ok := s.X.(*ast.Ident); ok && unresolved[id] {
				wanted[id.Name] = true
			}
		}
		return true
	})
	var kept []string
	have := map[string]bool{}
	for _, spec := range f.Imports {
		p, err := strconv.Unquote(spec.Path.Value)
		if err != nil || p == "C" {
			return nil, false
		}
		name := ""
		if spec.Name != nil {
			name = spec.Name.Name
		}
		if name == "_" || name == "." {
			kept = append(kept, name+" "+spec.Path.Value)
			continue
		}
		called := name
		if called == "" {
			if called = names[p]; called == "" {
				if called = standardName[p]; called == "" {
					return nil, false // the name of the package is not known
				}
			}
		}
		if wanted[called] && !have[called] {
			kept = append(kept, strings.TrimSpace(name+" "+spec.Path.Value))
			have[called] = true
		}
	}
	for name := range wanted {
		if have[name] {
			continue
		}
		p := standard[name]
		if p == "" {
			return nil, false
		}
		kept = append(kept, strconv.Quote(p))
	}
	slices.Sort(kept)
	var b bytes.Buffer
	fmt.Fprintf(&b, "package %s\n", f.Name.Name)
	if len(kept) > 0 {
		fmt.Fprintf(&b, "\nimport (\n\t%s\n)\n", strings.Join(kept, "\n\t"))
	}
	at := fset.Position(f.Name.End()).Offset
	for _, d := range f.Decls {
		if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.IMPORT {
			b.Write(source[at:fset.Position(g.Pos()).Offset])
			at = fset.Position(g.End()).Offset
		}
	}
	b.Write(source[at:])
	return b.Bytes(), true
}

// standard maps names to packages of the standard library, where they are unambiguous.
var standard = map[string]string{}

// standardName maps packages of the standard library to their names.
var standardName = map[string]string{}

func init() {
	for p := range strings.FieldsSeq(`bufio bytes cmp context crypto/hmac crypto/md5 crypto/sha1 crypto/sha256 crypto/sha512
		database/sql embed encoding/base64 encoding/binary encoding/csv encoding/gob encoding/hex encoding/json encoding/xml errors
		expvar flag fmt go/ast go/format go/parser go/token hash/crc32 hash/fnv html image image/color image/draw image/gif
		image/jpeg image/png io io/fs io/ioutil iter log log/slog maps math math/big math/bits math/cmplx mime net net/http
		net/netip net/url os os/exec os/signal os/user path path/filepath reflect regexp runtime runtime/debug slices sort strconv
		strings sync sync/atomic syscall testing text/tabwriter time unicode unicode/utf16 unicode/utf8 unique unsafe
		archive/tar archive/zip compress/gzip compress/zlib container/heap container/list container/ring`) {
		standard[path.Base(p)], standardName[p] = p, path.Base(p)
	}
	// Packages whose names are known, but ambiguous.
	for _, p := range []string{"math/rand", "crypto/rand", "html/template", "text/template", "runtime/pprof",
		"net/http/pprof", "go/scanner", "text/scanner", "net/mail", "net/smtp", "os/signal"} {
		standardName[p] = path.Base(p)
	}
	standardName["math/rand/v2"] = "rand"
}

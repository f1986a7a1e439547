package toolchain

// The cell compiler compiles packages main/N, one for each cell. They see each other's unexported names, and what is shown
// of their types is main.T.
const (
	types2      = "cmd/compile/internal/types2/"
	noder       = "cmd/compile/internal/noder/"
	reflectdata = "cmd/compile/internal/reflectdata/reflect.go"
)

var compilerRules = []rule{
	{"an unexported field or method is the same in all cells", types2 + "object.go", "Id", "path = pkg.path", after, `		if isCell(pkg) {
			path = "main"
		}
`},
	{"cells are one package to the checker", types2 + "predicates.go", "samePkg", "func samePkg(a, b *Package) bool {", after, `	if isCell(a) && isCell(b) {
		return true
	}
`},
	{"a cell selects unexported names of another", types2 + "call.go", "Checker.selector", "if !exp.Exported() {", replace, "if !exp.Exported() && !isCell(check.pkg) {"},
	{"a literal without keys has unexported fields of another cell", types2 + "literals.go", "Checker.compositeLit",
		"if !fld.Exported() && fld.pkg != check.pkg {", replace, "if !fld.Exported() && !samePkg(fld.pkg, check.pkg) {"},
	{"unexported selectors are those of package main", noder + "reader.go", "reader.selector", "pkg = types.LocalPkg", after, `	} else if objabi.IsCell(pkg.Path) {
		pkg = types.NewPkg("main", "main")
`},
	{"unexported objects are exported by cells", noder + "unified.go", "writeUnifiedExport", "if types.IsExported(xname) {", replace,
		"if types.IsExported(xname) || objabi.IsCell(base.Ctxt.Pkgpath) {"},
	{"the symbols of unexported methods do not name package main", "cmd/compile/internal/ir/expr.go", "MethodSymSuffix", "msym.Pkg != rpkg {", replace,
		`msym.Pkg != rpkg && !(msym.Pkg.Path == "main" && objabi.IsCell(rpkg.Path)) {`},
	{"reflection says that cells are package main", reflectdata, "dimportpath", "ot := dnameData(s, 0, p.Path,", replace, "ot := dnameData(s, 0, objabi.CellPath(p.Path),"},
	{"the names of types are those of package main", reflectdata, "dcommontype", "p := t.NameString()", replace, "p := objabi.CellName(t.NameString())"},
}

var compilerFiles = map[string]string{
	"cmd/compile/internal/types2/cell.go": "types2_cell.go.txt",
	"cmd/internal/objabi/cell.go":         "objabi_cell.go.txt",
}

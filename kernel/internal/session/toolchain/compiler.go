package toolchain

// The cell compiler compiles packages main/N, one for each cell. They see each other's unexported
// names, and their types are printed as main.T.
const (
	types2      = "cmd/compile/internal/types2/"
	noder       = "cmd/compile/internal/noder/"
	reflectdata = "cmd/compile/internal/reflectdata/reflect.go"
)

var compilerRules = []rule{
	{
		name: "an unexported field or method is the same in all cells",
		file: types2 + "object.go", in: "Id",
		anchor: "path = pkg.path",
		how:    after, text: `		if isCell(pkg) {
			path = "main"
		}
`,
	},
	{
		name: "cells are one package to the checker",
		file: types2 + "predicates.go", in: "samePkg",
		anchor: "func samePkg(a, b *Package) bool {",
		how:    after, text: `	if isCell(a) && isCell(b) {
		return true
	}
`,
	},
	{
		name: "a cell selects unexported names of another",
		file: types2 + "call.go", in: "Checker.selector",
		anchor: "if !exp.Exported() {",
		how:    replace, text: "if !exp.Exported() && !isCell(check.pkg) {",
	},
	{
		name: "a literal without keys has unexported fields of another cell",
		file: types2 + "literals.go", in: "Checker.compositeLit",
		anchor: "if !fld.Exported() && fld.pkg != check.pkg {",
		how:    replace, text: "if !fld.Exported() && !samePkg(fld.pkg, check.pkg) {",
	},
	{
		name: "unexported selectors are those of package main",
		file: noder + "reader.go", in: "reader.selector",
		anchor: "pkg = types.LocalPkg",
		how:    after, text: `	} else if objabi.IsCell(pkg.Path) {
		pkg = types.NewPkg("main", "main")
`,
	},
	{
		name: "unexported objects are exported by cells",
		file: noder + "unified.go", in: "writeUnifiedExport",
		anchor: "if types.IsExported(xname) {",
		how:    replace, text: "if types.IsExported(xname) || objabi.IsCell(base.Ctxt.Pkgpath) {",
	},
	{
		name: "the symbols of unexported methods do not name package main",
		file: "cmd/compile/internal/ir/expr.go", in: "MethodSymSuffix",
		anchor: "msym.Pkg != rpkg {",
		how:    replace, text: `msym.Pkg != rpkg && !(msym.Pkg.Path == "main" && objabi.IsCell(rpkg.Path)) {`,
	},
	{
		name: "reflection says that cells are package main",
		file: reflectdata, in: "dimportpath",
		anchor: "ot := dnameData(s, 0, p.Path,",
		how:    replace, text: "ot := dnameData(s, 0, objabi.CellPath(p.Path),",
	},
	{
		name: "the names of types are those of package main",
		file: reflectdata, in: "dcommontype",
		anchor: "p := t.NameString()",
		how:    replace, text: "p := objabi.CellName(t.NameString())",
	},
}

var compilerFiles = map[string]string{
	"cmd/compile/internal/types2/cell.go": "types2_cell.go.txt",
	"cmd/internal/objabi/cell.go":         "objabi_cell.go.txt",
}

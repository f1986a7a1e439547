package toolchain

const (
	ld     = "cmd/link/internal/ld/"
	loader = "cmd/link/internal/loader/loader.go"
)

// linkerRules make the cell linker. It links a host of which nothing is left out, and tells where its symbols are
// (-keepall, -dumpsyms, -redirect), and a cell against such a host (-resident, -cellpkg, -cellmain). Without these flags
// it does what Go's own does.
var linkerRules = []rule{
	// Reading objects.
	{"the package on the command line is the cell's", ld + "main.go", "Main",
		`addlibpath(ctxt, "command line", "command line", flag.Arg(0), "main", "", zerofp)`, replace,
		`addlibpath(ctxt, "command line", "command line", flag.Arg(0), mainPath(), "", zerofp)`},
	{"the tables of the resident programs are opened", ld + "lib.go", "Link.loadlib", "// ctxt.Library grows during the loop", before, "	startResident()\n"},
	{"a cell has no runtime of its own", ld + "lib.go", "Link.loadlib", `loadinternal(ctxt, "runtime")`, replace, `if !Resident() {
		loadinternal(ctxt, "runtime")
	}`},
	{"packages that are resident are not linked", ld + "link.go", "addImports", "for _, imp := range l.Autolib {", after, `		if Resident() && residentPkg(imp.Pkg) {
			continue
		}
`},
	{"references by index to a resident package", loader, "Loader.resolve", "rr = l.objs[r.pkg[p]]", before, `		if ResidentMode && r.pkg[p] == 0 {
			return residentRef(r, s)
		}
`},
	{"functions that stand for others", loader, "Loader.resolve", "return l.toGlobal(rr, s.SymIdx)", replace, "return redirected(r, l.toGlobal(rr, s.SymIdx))"},
	{"a resident symbol has no auxiliary ones", loader, "Loader.auxs", "pp := l.getPayload(i)", after, `		if ResidentMode && pp.auxs == nil {
			return nil, nil
		}
`},
	{"a package that is not linked is resident", loader, "loadObjRefs", "objidx, ok := l.objByPkg[pkg]", after, `		if !ok && ResidentMode {
			continue
		}
`},
	{"the flags of references to resident symbols say nothing", loader, "loadObjRefs", "// load flags of package refs", before, `	if ResidentMode {
		return
	}
`},
	{"resident symbols are resolved", ld + "lib.go", "Link.loadlib", "ctxt.loader.LoadSyms(ctxt.Arch)", after, "	ctxt.resolveResident()\n"},

	// What is kept.
	{"nothing is left out", ld + "deadcode.go", "deadcodePass.init", "d.dynlink = d.ctxt.DynlinkingGo()", after, "	d.keepAll()\n"},
	{"resident symbols have no references", ld + "deadcode.go", "deadcodePass.flood", "isgotype := d.ldr.IsGoType(symIdx)", before, `		if isResident[symIdx] {
			continue
		}
`},
	{"a weak reference to what is there is one", ld + "deadcode.go", "deadcodePass.flood", "if !convertWeakToStrong {", before, `				if isResident[r.Sym()] {
					convertWeakToStrong = true
				}
`},
	{"any method may be called from another module", ld + "deadcode.go", "deadcodePass.flood", "case objabi.R_METHODOFF:", after, `				if d.dynlink && (Resident() || *flagKeepall) {
					d.mark(r.Sym(), symIdx)
					continue
				}
`},
	{"uses of interfaces are not looked into", ld + "deadcode.go", "deadcodePass.flood", "case objabi.R_USEIFACE:", after, `				if Resident() {
					continue
				}
`},
	{"uses of the methods of interfaces are not looked into", ld + "deadcode.go", "deadcodePass.flood", "case objabi.R_USEIFACEMETHOD:", after, `				if Resident() {
					continue
				}
`},

	// Initialisation.
	{"the first package to initialise is the cell's", ld + "inittask.go", "Link.inittasks", `ctxt.inittaskSym([]string{"main..inittask"}, "go:main.inittasks")`, replace,
		`ctxt.inittaskSym([]string{mainPkg() + "..inittask"}, "go:main.inittasks")`},
	{"resident packages are initialised", ld + "inittask.go", "Link.inittaskSym", "edges = append(edges, edge{from: x, to: s})", before, `			if isResident[s] || Resident() && ldr.SymType(s) == 0 {
				ndeps--
				continue
			}
`},

	// Addresses.
	{"offsets of resident symbols", ld + "data.go", "relocSymState.relocsym", "if sect == nil {\n\t\t\t\tif rst == sym.SDYNIMPORT {", before, `			if Resident() && rs != 0 {
				if o = residentOffset(ldr, rs, rt) + r.Add(); o < 0 {
					st.err.Errorf(s, "offset to resident symbol %s", ldr.SymName(rs))
				}
				break
			}
`},
	{"the pointers in variables of resident types", ld + "data.go", "GCProg.AddType", "typData := ldr.Data(typ)", before, `	if isResident[typ] {
		p.modulePointers(off, uint64(ldr.SymValue(typ)))
		return
	}
`},
	{"offsets of resident functions in the tables of functions", ld + "pcln.go", "pclntab.generateFuncdata", "if sect == nil {", before, `			if Resident() && (isResident[rs] || sect != nil && sect.Name == ".text") {
				ctxt.Arch.ByteOrder.PutUint32(data[r.Off():], uint32(ldr.SymValue(rs)-residentText()+r.Add()))
				continue
			}
`},
	{"the table of functions begins at the resident text", ld + "pcln.go", "writePCToFunc", `textStart := ldr.SymValue(ldr.Lookup("runtime.text", 0))`, after, `	if Resident() {
		textStart = residentText()
	}
`},
	{"the entries of functions begin at the resident text", ld + "pcln.go", "writeFuncs", `textStart := ldr.SymValue(ldr.Lookup("runtime.text", 0))`, after, `	if Resident() {
		textStart = residentText()
	}
`},
	{"inlined functions that are resident", ld + "pcln.go", "genInlTreeSym", "!ctxt.linkShared {", replace, "!ctxt.linkShared && !Resident() {"},

	// Names.
	{"functions of cells are those of package main: their names", ld + "pcln.go", "pclntab.generateFuncnametab", "symtab.AddCStringAt(int64(off), ctxt.loader.SymName(s))", replace,
		"symtab.AddCStringAt(int64(off), objabi.CellName(ctxt.loader.SymName(s)))"},
	{"functions of cells are those of package main: their lengths", ld + "pcln.go", "pclntab.generateFuncnametab", "size += int64(len(ctxt.loader.SymName(s)) + 1)", replace,
		"size += int64(len(objabi.CellName(ctxt.loader.SymName(s))) + 1)"},
	{"no function's name is at offset 0, which is none", ld + "pcln.go", "pclntab.generateFuncnametab", "var size int64", after, `	if Resident() {
		size = 1
	}
`},
	{"the table of symbols is written", ld + "main.go", "Main", `bench.Start("Munmap")`, before, "	ctxt.dumpsyms()\n"},
}

var linkerFiles = map[string]string{
	ld + "cell.go":                     "ld_cell.go.txt",
	ld + "cell_table.go":               "ld_cell_table.go.txt",
	ld + "cell_types.go":               "ld_cell_types.go.txt",
	ld + "cell_dump.go":                "ld_cell_dump.go.txt",
	"cmd/link/internal/loader/cell.go": "loader_cell.go.txt",
}

package toolchain

const (
	ld     = "cmd/link/internal/ld/"
	loader = "cmd/link/internal/loader/loader.go"
)

// linkerRules make the cell linker. It links a host without leaving anything out, and writes down
// where its symbols are (-keepall, -dumpsyms, -redirect). It links a cell against such a host
// (-resident, -cellpkg, -cellmain). Without these flags it does what Go's own linker does.
var linkerRules = []rule{
	// Reading objects.
	{
		name: "the package on the command line is the cell's",
		file: ld + "main.go", in: "Main",
		anchor: `addlibpath(ctxt, "command line", "command line", flag.Arg(0), "main", "", zerofp)`,
		how:    replace, text: `addlibpath(ctxt, "command line", "command line", flag.Arg(0), mainPath(), "", zerofp)`,
	},
	{
		name: "the tables of the resident programs are opened",
		file: ld + "lib.go", in: "Link.loadlib",
		anchor: "// ctxt.Library grows during the loop",
		how:    before, text: "	startResident()\n",
	},
	{
		name: "a cell has no runtime of its own",
		file: ld + "lib.go", in: "Link.loadlib",
		anchor: `loadinternal(ctxt, "runtime")`,
		how:    replace, text: `if !Resident() {
		loadinternal(ctxt, "runtime")
	}`,
	},
	{
		name: "packages that are resident are not linked",
		file: ld + "link.go", in: "addImports",
		anchor: "for _, imp := range l.Autolib {",
		how:    after, text: `		if Resident() && residentPkg(imp.Pkg) {
			continue
		}
`,
	},
	{
		name: "references by index to a resident package",
		file: loader, in: "Loader.resolve",
		anchor: "rr = l.objs[r.pkg[p]]",
		how:    before, text: `		if ResidentMode && r.pkg[p] == 0 {
			return residentRef(r, s)
		}
`,
	},
	{
		name: "functions that stand for others",
		file: loader, in: "Loader.resolve",
		anchor: "return l.toGlobal(rr, s.SymIdx)",
		how:    replace, text: "return redirected(r, l.toGlobal(rr, s.SymIdx))",
	},
	{
		name: "a resident symbol has no auxiliary ones",
		file: loader, in: "Loader.auxs",
		anchor: "pp := l.getPayload(i)",
		how:    after, text: `		if ResidentMode && pp.auxs == nil {
			return nil, nil
		}
`,
	},
	{
		name: "a package that is not linked is resident",
		file: loader, in: "loadObjRefs",
		anchor: "objidx, ok := l.objByPkg[pkg]",
		how:    after, text: `		if !ok && ResidentMode {
			continue
		}
`,
	},
	{
		name: "the flags of references to resident symbols say nothing",
		file: loader, in: "loadObjRefs",
		anchor: "// load flags of package refs",
		how:    before, text: `	if ResidentMode {
		return
	}
`,
	},
	{
		name: "resident symbols are resolved",
		file: ld + "lib.go", in: "Link.loadlib",
		anchor: "ctxt.loader.LoadSyms(ctxt.Arch)",
		how:    after, text: "	ctxt.resolveResident()\n",
	},

	// What is kept.
	{
		name: "nothing is left out",
		file: ld + "deadcode.go", in: "deadcodePass.init",
		anchor: "d.dynlink = d.ctxt.DynlinkingGo()",
		how:    after, text: "	d.keepAll()\n",
	},
	{
		name: "resident symbols have no references",
		file: ld + "deadcode.go", in: "deadcodePass.flood",
		anchor: "isgotype := d.ldr.IsGoType(symIdx)",
		how:    before, text: `		if isResident[symIdx] {
			continue
		}
`,
	},
	{
		name: "a weak reference to what is there is one",
		file: ld + "deadcode.go", in: "deadcodePass.flood",
		anchor: "if !convertWeakToStrong {",
		how:    before, text: `				if isResident[r.Sym()] {
					convertWeakToStrong = true
				}
`,
	},
	{
		name: "any method may be called from another module",
		file: ld + "deadcode.go", in: "deadcodePass.flood",
		anchor: "case objabi.R_METHODOFF:",
		how:    after, text: `				if d.dynlink && (Resident() || *flagKeepall) {
					d.mark(r.Sym(), symIdx)
					continue
				}
`,
	},
	{
		name: "uses of interfaces are not looked into",
		file: ld + "deadcode.go", in: "deadcodePass.flood",
		anchor: "case objabi.R_USEIFACE:",
		how:    after, text: `				if Resident() {
					continue
				}
`,
	},
	{
		name: "uses of the methods of interfaces are not looked into",
		file: ld + "deadcode.go", in: "deadcodePass.flood",
		anchor: "case objabi.R_USEIFACEMETHOD:",
		how:    after, text: `				if Resident() {
					continue
				}
`,
	},

	// Initialization.
	{
		name: "the first package to initialize is the cell's",
		file: ld + "inittask.go", in: "Link.inittasks",
		anchor: `ctxt.inittaskSym([]string{"main..inittask"}, "go:main.inittasks")`,
		how:    replace, text: `ctxt.inittaskSym([]string{mainPkg() + "..inittask"}, "go:main.inittasks")`,
	},
	{
		name: "resident packages are initialized",
		file: ld + "inittask.go", in: "Link.inittaskSym",
		anchor: "edges = append(edges, edge{from: x, to: s})",
		how:    before, text: `			if isResident[s] || Resident() && ldr.SymType(s) == 0 {
				ndeps--
				continue
			}
`,
	},

	// Addresses.
	{
		name: "offsets of resident symbols",
		file: ld + "data.go", in: "relocSymState.relocsym",
		anchor: "if sect == nil {\n\t\t\t\tif rst == sym.SDYNIMPORT {",
		how:    before, text: `			if Resident() && rs != 0 {
				if o = residentOffset(ldr, rs, rt) + r.Add(); o < 0 {
					st.err.Errorf(s, "offset to resident symbol %s", ldr.SymName(rs))
				}
				break
			}
`,
	},
	{
		name: "the pointers in variables of resident types",
		file: ld + "data.go", in: "GCProg.AddType",
		anchor: "typData := ldr.Data(typ)",
		how:    before, text: `	if isResident[typ] {
		p.modulePointers(off, uint64(ldr.SymValue(typ)))
		return
	}
`,
	},
	{
		name: "offsets of resident functions in the tables of functions",
		file: ld + "pcln.go", in: "pclntab.generateFuncdata",
		anchor: "if sect == nil {",
		how:    before, text: `			if Resident() && (isResident[rs] || sect != nil && sect.Name == ".text") {
				ctxt.Arch.ByteOrder.PutUint32(data[r.Off():], uint32(ldr.SymValue(rs)-residentText()+r.Add()))
				continue
			}
`,
	},
	{
		name: "the table of functions begins at the resident text",
		file: ld + "pcln.go", in: "writePCToFunc",
		anchor: `textStart := ldr.SymValue(ldr.Lookup("runtime.text", 0))`,
		how:    after, text: `	if Resident() {
		textStart = residentText()
	}
`,
	},
	{
		name: "the entries of functions begin at the resident text",
		file: ld + "pcln.go", in: "writeFuncs",
		anchor: `textStart := ldr.SymValue(ldr.Lookup("runtime.text", 0))`,
		how:    after, text: `	if Resident() {
		textStart = residentText()
	}
`,
	},
	{
		name: "inlined functions that are resident",
		file: ld + "pcln.go", in: "genInlTreeSym",
		anchor: "!ctxt.linkShared {",
		how:    replace, text: "!ctxt.linkShared && !Resident() {",
	},

	// Names.
	{
		name: "functions of cells are those of package main: their names",
		file: ld + "pcln.go", in: "pclntab.generateFuncnametab",
		anchor: "symtab.AddCStringAt(int64(off), ctxt.loader.SymName(s))",
		how:    replace, text: "symtab.AddCStringAt(int64(off), objabi.CellName(ctxt.loader.SymName(s)))",
	},
	{
		name: "functions of cells are those of package main: their lengths",
		file: ld + "pcln.go", in: "pclntab.generateFuncnametab",
		anchor: "size += int64(len(ctxt.loader.SymName(s)) + 1)",
		how:    replace, text: "size += int64(len(objabi.CellName(ctxt.loader.SymName(s))) + 1)",
	},
	{
		name: "no function's name is at offset 0, which is none",
		file: ld + "pcln.go", in: "pclntab.generateFuncnametab",
		anchor: "var size int64",
		how:    after, text: `	if Resident() {
		size = 1
	}
`,
	},
	{
		name: "the table of symbols is written",
		file: ld + "main.go", in: "Main",
		anchor: `bench.Start("Munmap")`,
		how:    before, text: "	ctxt.dumpsyms()\n",
	},
}

var linkerFiles = map[string]string{
	ld + "cell.go":                     "ld_cell.go.txt",
	ld + "cell_table.go":               "ld_cell_table.go.txt",
	ld + "cell_types.go":               "ld_cell_types.go.txt",
	ld + "cell_dump.go":                "ld_cell_dump.go.txt",
	"cmd/link/internal/loader/cell.go": "loader_cell.go.txt",
}

package host

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"os"
)

// FirstAddress is where the first cell of a host may be loaded.
const FirstAddress = 0x5a001000

// CompileArgs returns the compiler's arguments for a cell's package.
func CompileArgs(pkg, importcfg, object, source string) []string {
	return []string{"-o", object, "-p", pkg, "-complete", "-c=2", "-nolocalimports", "-importcfg", importcfg,
		"-pack", source}
}

// A Link describes a cell to be linked.
type Link struct {
	Package, Entry string // main/7, main/7.ᐧMain
	Object         string
	Importcfg      string // a file with one line for the package and one for each other package that the host lacks
	Resident       string // a file with one line TABLE=PROGRAM for the host and for each earlier cell
	Address        uint64 // where to load the cell: FirstAddress, or what [End] returned for the previous one
	Image, Table   string // the files to write
}

// Args returns the linker's arguments.
func (l Link) Args() []string {
	return []string{"-o", l.Image, "-importcfg", l.Importcfg, "-buildmode=exe", "-s", "-w", "-linkmode=internal",
		"-checklinkname=0",
		"-T", fmt.Sprintf("%#x", l.Address), "-E", "0x1", "-cellpkg", l.Package,
		"-cellmain", l.Entry, "-resident", l.Resident, "-dumpsyms", l.Table, l.Object}
}

// End returns the address at which the next cell after that of a table may be loaded.
func End(table string) (uint64, error) {
	f, err := os.Open(table)
	if err != nil {
		return 0, fmt.Errorf("host: %w", err)
	}
	defer f.Close()
	head := make([]byte, 36)
	if _, err := io.ReadFull(f, head); err != nil || !bytes.HasPrefix(head, []byte("TLSYMS1\n")) {
		return 0, fmt.Errorf("host: %s: not a table of symbols", table)
	}
	const page = 0x1000 // the headers of the next program take a page before its text
	return (uint64(binary.LittleEndian.Uint32(head[28:]))+page-1)&^(page-1) + page, nil
}

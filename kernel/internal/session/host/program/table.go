//go:build trafficlabhost

package main

import (
	"encoding/binary"
	"fmt"
	"io"
	"os"
)

// A table holds the addresses of symbols, as the cell linker writes them
// (toolchain/src/ld_cell_table.go.txt).
type table struct {
	*os.File
	first []byte
}

const (
	headSlots      = 8
	headModuledata = 12
	headMain       = 16
	headSize       = 36
)

func openTable(path string) (*table, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	t := &table{f, make([]byte, headSize)}
	if _, err := f.ReadAt(t.first, 0); err != nil || string(t.first[:8]) != "TLSYMS1\n" {
		f.Close()
		return nil, fmt.Errorf("%s: not a table of symbols", path)
	}
	return t, nil
}

func (t *table) head(at int) uintptr { return uintptr(binary.LittleEndian.Uint32(t.first[at:])) }

func (t *table) word(at int64) uint32 {
	var b [4]byte
	if _, err := t.ReadAt(b[:], at); err != nil {
		return 0
	}
	return binary.LittleEndian.Uint32(b[:])
}

// address returns the address of the symbol with a name and version 0, or 0 if there is none.
func (t *table) address(name string) uintptr {
	hash := uint64(14695981039346656037)
	for i := range len(name) {
		hash = (hash ^ uint64(name[i])) * 1099511628211
	}
	slots := uint32(t.head(headSlots))
	for h := uint32(hash ^ hash>>32); ; h++ {
		off := int64(t.word(headSize + 4*int64(h&(slots-1))))
		if off == 0 {
			return 0
		}
		n := t.word(off + 8)
		found := make([]byte, n>>3)
		if _, err := io.ReadFull(io.NewSectionReader(t, off+12, int64(len(found))), found); err == nil && n&7 == 0 &&
			string(found) == name {
			return uintptr(t.word(off))
		}
	}
}

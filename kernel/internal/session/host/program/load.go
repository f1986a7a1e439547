//go:build trafficlabhost

package main

import (
	"bytes"
	"debug/elf"
	"fmt"
	"os"
	"syscall"
	"time"
	"unsafe"
)

// A module is a cell in memory.
type module struct {
	tasks []unsafe.Pointer // the initializers of its packages
	main  func()
	took  time.Duration
}

// ᐧrun runs a cell. Traces are cut at its name, which no function of a cell can have.
func ᐧrun(m *module) {
	doInit(m.tasks)
	m.main()
}

// Cells are mapped into this part of the address space, which is reserved from the start. The heap
// of the C library grows from below it: Linux places its beginning at random, up to 1 GB above the
// host, which has some 120 MB, and GLIBC_TUNABLES, which the kernel sets, makes it take 256 MB at
// once.
const (
	firstAddress = 0x5a000000
	endAddress   = 0x7ff00000
	pageSize     = 4096
)

func reserve() error {
	const fixedNoReplace = 0x100000
	p, _, e := syscall.Syscall6(syscall.SYS_MMAP, firstAddress, endAddress-firstAddress, syscall.PROT_NONE,
		syscall.MAP_PRIVATE|syscall.MAP_ANON|syscall.MAP_NORESERVE|fixedNoReplace, ^uintptr(0), 0)
	if e != 0 || p != firstAddress {
		return fmt.Errorf("memory for cells at %#x: %w", firstAddress, e)
	}
	return nil
}

// prepare reserves the memory for cells and reads the layout of the runtime's types from the host's
// table. It is called once, before there are cells.
func prepare(table string) error {
	if err := reserve(); err != nil {
		return err
	}
	t, err := openTable(table)
	if err != nil {
		return err
	}
	defer t.Close()
	if err := fieldsOf("runtime.moduledata", t.address("type:runtime.moduledata"), map[string]field{
		"text": {&modules.text, "uintptr"}, "types": {&modules.types, "uintptr"}, "itablinks": {&modules.itablinks,
			"[]*"},
		"inittasks": {&modules.inittasks, "[]*"}, "hasmain": {&modules.hasmain, "uint8"}, "next": {&modules.next,
			"*runtime.moduledata"},
	}); err != nil {
		return err
	}
	return fieldsOf("runtime._panic", t.address("type:runtime._panic"), map[string]field{
		"arg": {&panics.arg, "interface {}"}, "link": {&panics.link,
			"*runtime._panic"}, "recovered": {&panics.recovered, "bool"},
		"repanicked": {&panics.repanicked, "bool"}, "goexit": {&panics.goexit, "bool"},
	})
}

// load maps a linked cell into memory and registers it as a module of the runtime.
func load(table, image string) (*module, error) {
	began := time.Now()
	t, err := openTable(table)
	if err != nil {
		return nil, err
	}
	t.Close()
	data, main := t.head(headModuledata), t.head(headMain)
	if data == 0 || main == 0 {
		return nil, fmt.Errorf("%s: the cell has nothing to run", table)
	}
	content, err := os.ReadFile(image)
	if err != nil {
		return nil, err
	}
	f, err := elf.NewFile(bytes.NewReader(content))
	if err != nil {
		return nil, err
	}
	for _, p := range f.Progs {
		if p.Type == elf.PT_LOAD && p.Memsz > 0 {
			if err := mapSegment(p, content); err != nil {
				return nil, fmt.Errorf("%s: %w", image, err)
			}
		}
	}
	m := &module{tasks: addModule(unsafe.Pointer(data))}
	pc := new(uintptr)
	*pc = main
	m.main = *(*func())(unsafe.Pointer(&pc))
	m.took = time.Since(began)
	return m, nil
}

// mapSegment copies a segment to its address.
func mapSegment(p *elf.Prog, content []byte) error {
	start := uintptr(p.Vaddr) &^ (pageSize - 1)
	end := (uintptr(p.Vaddr+p.Memsz) + pageSize - 1) &^ (pageSize - 1)
	if start < firstAddress || end > endAddress {
		return fmt.Errorf("a segment at %#x is outside of the memory for cells", start)
	}
	at, _, e := syscall.Syscall6(syscall.SYS_MMAP, start, end-start, syscall.PROT_READ|syscall.PROT_WRITE,
		syscall.MAP_PRIVATE|syscall.MAP_ANON|syscall.MAP_FIXED, ^uintptr(0), 0)
	if e != 0 {
		return fmt.Errorf("memory at %#x: %w", start, e)
	}
	memory := unsafe.Slice((*byte)(unsafe.Pointer(at)), end-start)
	copy(memory[uintptr(p.Vaddr)-start:], content[p.Off:p.Off+p.Filesz])
	prot := syscall.PROT_READ
	if p.Flags&elf.PF_W != 0 {
		prot |= syscall.PROT_WRITE
	}
	if p.Flags&elf.PF_X != 0 {
		prot |= syscall.PROT_EXEC
	}
	return syscall.Mprotect(memory, prot)
}

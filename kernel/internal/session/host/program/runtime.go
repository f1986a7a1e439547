//go:build trafficlabhost

package main

import (
	"fmt"
	"os"
	"reflect"
	"runtime"
	"syscall"
	"time"
	"unsafe"
)

//go:linkname firstmoduledata runtime.firstmoduledata
var firstmoduledata byte

//go:linkname modulesinit runtime.modulesinit
func modulesinit()

//go:linkname moduledataverify1 runtime.moduledataverify1
func moduledataverify1(unsafe.Pointer)

//go:linkname doInit runtime.doInit
func doInit([]unsafe.Pointer)

//go:linkname itabAdd runtime.itabAdd
func itabAdd(unsafe.Pointer)

//go:linkname itabLock runtime.itabLock
var itabLock [2]uintptr

//go:linkname lock runtime.lock
func lock(*[2]uintptr)

//go:linkname unlock runtime.unlock
func unlock(*[2]uintptr)

//go:linkname goroutineLabels runtime/pprof.runtime_getProfLabel
func goroutineLabels() unsafe.Pointer

//go:linkname profile runtime.pprof_goroutineProfileWithLabels
func profile(stacks []struct{ Stack []uintptr }, labels []unsafe.Pointer) (n int, ok bool)

//go:linkname pipe github.com/janpfeifer/gonb/gonbui.gonbWriterPipe
var pipe *os.File

// fields holds the offsets in runtime.moduledata of what is used here.
var fields struct{ text, types, itablinks, inittasks, hasmain, next uintptr }

// typeAt returns the type whose descriptor is at an address.
func typeAt(addr uintptr) reflect.Type {
	var v any
	*(*uintptr)(unsafe.Pointer(&v)) = addr
	return reflect.TypeOf(v)
}

// findFields looks into the runtime's own type: a Go in which a field is missing or other is refused.
func findFields(addr uintptr) error {
	if addr == 0 {
		return fmt.Errorf("the table of the host has no runtime.moduledata")
	}
	t := typeAt(addr)
	for name, want := range map[string]struct {
		offset *uintptr
		typ    string
	}{
		"text": {&fields.text, "uintptr"}, "types": {&fields.types, "uintptr"}, "itablinks": {&fields.itablinks, "[]*runtime.itab"},
		"inittasks": {&fields.inittasks, "[]*runtime.initTask"}, "hasmain": {&fields.hasmain, "uint8"}, "next": {&fields.next, "*runtime.moduledata"},
	} {
		f, ok := t.FieldByName(name)
		// The types of some fields are written as those of package abi.
		if !ok || f.Type.String() != want.typ && !(f.Type.Kind() == reflect.Slice && f.Type.Elem().Kind() == reflect.Pointer) {
			return fmt.Errorf("runtime.moduledata has no field %s %s", name, want.typ)
		}
		*want.offset = f.Offset
	}
	return nil
}

// addModule makes what is described at an address a module of the runtime, and returns what initialises it. The newest
// module stands right behind the host in the list: the frames of the cell that runs are found at once.
func addModule(data unsafe.Pointer) []unsafe.Pointer {
	first := unsafe.Pointer(&firstmoduledata)
	at := func(base unsafe.Pointer, offset uintptr) *uintptr { return (*uintptr)(unsafe.Add(base, offset)) }
	*(*uint8)(unsafe.Add(data, fields.hasmain)) = 0
	*at(data, fields.types) = *at(first, fields.types)
	*at(data, fields.text) = *at(first, fields.text)
	moduledataverify1(data)
	*at(data, fields.next) = *at(first, fields.next)
	*at(first, fields.next) = uintptr(data)
	modulesinit()
	lock(&itabLock)
	for _, i := range *(*[]unsafe.Pointer)(unsafe.Add(data, fields.itablinks)) {
		itabAdd(i)
	}
	unlock(&itabLock)
	return *(*[]unsafe.Pointer)(unsafe.Add(data, fields.inittasks))
}

// everyone returns the labels of each goroutine.
func everyone() []unsafe.Pointer {
	for n := runtime.NumGoroutine() + 64; ; n *= 2 {
		stacks, labels := make([]struct{ Stack []uintptr }, n), make([]unsafe.Pointer, n)
		if n, ok := profile(stacks, labels); ok {
			return labels[:n]
		}
	}
}

// taken waits until what was written to a pipe has been read. A kernel that does not read is not waited for longer than
// a moment.
func taken(pipe *os.File) {
	raw, err := pipe.SyscallConn()
	if err != nil {
		return
	}
	until := time.Now().Add(2 * time.Second)
	for i := 0; ; i++ {
		var unread int32
		failed := true
		raw.Control(func(fd uintptr) {
			_, _, e := syscall.Syscall(syscall.SYS_IOCTL, fd, 0x541b /* FIONREAD */, uintptr(unsafe.Pointer(&unread)))
			failed = e != 0
		})
		if failed || unread == 0 || time.Now().After(until) {
			return
		}
		if i < 20 {
			runtime.Gosched()
		} else {
			time.Sleep(20 * time.Microsecond)
		}
	}
}

//go:build trafficlabhost

package main

import (
	"fmt"
	"os"
	"reflect"
	"runtime"
	"strings"
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

// Offsets of the fields that are used here, in two structs of the runtime.
var (
	modules struct{ text, types, itablinks, inittasks, hasmain, next uintptr }
	panics  struct{ arg, link, recovered, repanicked, goexit uintptr }
)

// A field is where to store a field's offset, and how the name of its type begins.
type field struct {
	offset *uintptr
	typ    string
}

// typeAt returns the type whose descriptor is at an address.
func typeAt(addr uintptr) reflect.Type {
	var v any
	*(*uintptr)(unsafe.Pointer(&v)) = addr
	return reflect.TypeOf(v)
}

// fieldsOf finds the offsets of fields in a type of the runtime, whose descriptor is at addr. It
// refuses a Go in which a field is missing or has another type.
func fieldsOf(name string, addr uintptr, want map[string]field) error {
	if addr == 0 {
		return fmt.Errorf("the host has no %s", name)
	}
	t := typeAt(addr)
	if t.Kind() != reflect.Struct || t.String() != name {
		return fmt.Errorf("%s is %v", name, t)
	}
	for field, w := range want {
		f, ok := t.FieldByName(field)
		if !ok || !strings.HasPrefix(f.Type.String(), w.typ) {
			return fmt.Errorf("%s has no field %s %s", name, field, w.typ)
		}
		*w.offset = f.Offset
	}
	return nil
}

// addModule registers the module data at an address with the runtime, and returns the initializers
// of the module. The newest module comes first after the host in the runtime's list, so that the
// frames of the running cell are found at once.
func addModule(data unsafe.Pointer) []unsafe.Pointer {
	first := unsafe.Pointer(&firstmoduledata)
	at := func(base unsafe.Pointer, offset uintptr) *uintptr { return (*uintptr)(unsafe.Add(base, offset)) }
	*(*uint8)(unsafe.Add(data, modules.hasmain)) = 0
	*at(data, modules.types) = *at(first, modules.types)
	*at(data, modules.text) = *at(first, modules.text)
	moduledataverify1(data)
	*at(data, modules.next) = *at(first, modules.next)
	*at(first, modules.next) = uintptr(data)
	modulesinit()
	lock(&itabLock)
	for _, i := range *(*[]unsafe.Pointer)(unsafe.Add(data, modules.itablinks)) {
		itabAdd(i)
	}
	unlock(&itabLock)
	return *(*[]unsafe.Pointer)(unsafe.Add(data, modules.inittasks))
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

// taken waits until the reader has read everything that was written to a pipe. It does not wait
// longer than a moment for a kernel that does not read.
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

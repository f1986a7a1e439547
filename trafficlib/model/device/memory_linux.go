//go:build cgo && !noxla && (amd64 || arm64)

package device

/*
#include <malloc.h>

static void keep_memory(void) {
#ifdef __GLIBC__
	mallopt(M_MMAP_MAX, 0);
	mallopt(M_TRIM_THRESHOLD, -1);
	mallopt(M_ARENA_MAX, 1);
	mallopt(M_TOP_PAD, 64 << 20);
#endif
}
*/
import "C"

import "os"

// init makes the C library keep the memory that XLA frees. A training step allocates tens of
// megabytes and frees them at its end. By default glibc returns them to the system each time, and
// getting them back page by page takes a fifth of the step. The price is that a process stays as
// large as its largest step. It must happen early, because the rules do not apply to memory that a
// thread has allocated before.
//
// If GLIBC_TUNABLES is set, it decides. Other C libraries are left alone.
func init() {
	if os.Getenv("GLIBC_TUNABLES") == "" {
		C.keep_memory()
	}
}

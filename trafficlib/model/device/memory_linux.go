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

// At the start of the program the C library is told to keep the memory that XLA gives back, for its next step. A step
// of training takes tens of megabytes and gives them back at its end; glibc would return them to the system each time,
// and a fifth of the step would go into getting them again, page by page. What it costs is that a process stays as large
// as its largest step. It must be early: memory that a thread has got before is not under these rules.
//
// Where GLIBC_TUNABLES is set it decides; other C libraries are left as they are.
func init() {
	if os.Getenv("GLIBC_TUNABLES") == "" {
		C.keep_memory()
	}
}

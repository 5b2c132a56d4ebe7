// A setting of the C library's allocator that Swift cannot reach.

#ifndef COUNTERSPIKE_ALLOCATOR_H
#define COUNTERSPIKE_ALLOCATOR_H

#ifdef __GLIBC__
#include <malloc.h>
#endif

// Has blocks of 128 KiB and more returned to the system when they are freed. By default glibc raises that
// size with each larger block that is freed, and a small block that lives on then keeps the freed ones
// below it in the process's memory.
static inline void counterspike_return_large_blocks(void) {
#ifdef __GLIBC__
  mallopt(M_MMAP_THRESHOLD, 128 << 10);
#endif
}

#endif

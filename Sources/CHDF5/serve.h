#include "counterspike_hdf5.h"

// What the child does: reads the file at `path` and writes messages to `output`.
void counterspike_hdf5_serve(const char *path, int64_t size, int output);

// The same for a tree.
void counterspike_hdf5_serve_tree(const char *path, int64_t size, int output);

// What both have in common. Opens the file and takes the right to open another one; ends the process
// with a message where it cannot.
int64_t counterspike_hdf5_open(const char *path, int output);
void counterspike_hdf5_put(int output, const void *bytes, size_t count);
void counterspike_hdf5_flush(void);

// What to say in place of the problem `kind`: COUNTERSPIKE_HDF5_SHORT where it may be one of memory.
int32_t counterspike_hdf5_reason(int32_t kind);

// No child is made while libhdf5 works in this process.
void counterspike_hdf5_lock(void);
void counterspike_hdf5_unlock(void);

#include "counterspike_hdf5.h"

// What the child does: reads the file at `path` and writes messages to `output`.
void counterspike_hdf5_serve(const char *path, int64_t size, int output);

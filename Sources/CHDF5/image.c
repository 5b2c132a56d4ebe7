// Writing: a description of groups, numbers and text becomes the bytes of an HDF5 file. What is written
// is the caller's own, so that this needs no child process; the file is made in memory, and no other is
// touched.

#ifdef COUNTERSPIKE_HDF5

#include <hdf5.h>
#include <stdlib.h>
#include <string.h>

#include "serve.h"

enum { DEEPEST = 12 };

typedef struct {
  const uint8_t *next, *end;
} reader;

static int take(reader *from, void *target, size_t count) {
  if ((size_t)(from->end - from->next) < count) return 1;
  if (count > 0) memcpy(target, from->next, count);
  from->next += count;
  return 0;
}

// Without times, so that equal content is equal bytes.
static int write_set(hid_t group, const char *name, int rank, const int64_t *shape, hid_t stored,
                     hid_t memory, const void *values) {
  hsize_t sizes[8];
  for (int axis = 0; axis < rank; axis++) sizes[axis] = (hsize_t)shape[axis];
  hid_t space = rank == 0 ? H5Screate(H5S_SCALAR) : H5Screate_simple(rank, sizes, NULL);
  hid_t properties = H5Pcreate(H5P_DATASET_CREATE);
  H5Pset_obj_track_times(properties, 0);
  hid_t set = H5Dcreate2(group, name, stored, space, H5P_DEFAULT, properties, H5P_DEFAULT);
  int result = set < 0 || H5Dwrite(set, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) < 0;
  if (set >= 0) H5Dclose(set);
  H5Pclose(properties);
  H5Sclose(space);
  return result;
}

static int write_text(hid_t group, const char *name, int rank, const int64_t *shape, int64_t count,
                      reader *from) {
  char **rows = calloc((size_t)count + 1, sizeof *rows);
  int result = rows == NULL;
  for (int64_t index = 0; index < count && !result; index++) {
    int64_t length = 0;
    result = take(from, &length, sizeof length) || length < 0 ||
             length > from->end - from->next || !(rows[index] = calloc((size_t)length + 1, 1)) ||
             take(from, rows[index], (size_t)length);
  }
  if (!result) {
    hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, H5T_VARIABLE);
    H5Tset_cset(type, H5T_CSET_UTF8);
    result = write_set(group, name, rank, shape, type, type, rows);
    H5Tclose(type);
  }
  for (int64_t index = 0; rows && index < count; index++) free(rows[index]);
  free(rows);
  return result;
}

static int write_item(hid_t *groups, int *depth, reader *from) {
  counterspike_hdf5_message message;
  if (take(from, &message, sizeof message)) return 1;
  if (message.subject < 0 || message.subject > 4096) return 1;
  char name[4097] = {0};
  if (take(from, name, (size_t)message.subject)) return 1;
  if (message.kind == COUNTERSPIKE_HDF5_GROUP) {
    if (*depth + 1 >= DEEPEST) return 1;
    hid_t made = H5Gcreate2(groups[*depth], name, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    if (made < 0) return 1;
    groups[++*depth] = made;
    return 0;
  }
  if (message.kind == COUNTERSPIKE_HDF5_LEAVE) return *depth == 0 || H5Gclose(groups[(*depth)--]) < 0;
  int64_t shape[8] = {0};
  if (message.a < 0 || message.a > 8 || message.b < 0) return 1;
  int rank = (int)message.a;
  if (take(from, shape, (size_t)rank * sizeof *shape)) return 1;
  // HDF5 reads as many values as the shape says.
  int64_t product = 1;
  for (int axis = 0; axis < rank; axis++) {
    if (shape[axis] < 0 || __builtin_mul_overflow(product, shape[axis], &product)) return 1;
  }
  if (product != message.b) return 1;
  if (message.kind == COUNTERSPIKE_HDF5_TEXT) {
    return write_text(groups[*depth], name, rank, shape, message.b, from);
  }
  size_t width = message.kind == COUNTERSPIKE_HDF5_FLOATS ? 4 : 8;
  if (message.b > (from->end - from->next) / (int64_t)width) return 1;
  void *values = malloc((size_t)message.b * width + 1);
  if (!values) return 1;
  int result = take(from, values, (size_t)message.b * width);
  if (!result) {
    hid_t stored = message.kind == COUNTERSPIKE_HDF5_FLOATS     ? H5T_IEEE_F32LE
                   : message.kind == COUNTERSPIKE_HDF5_INTEGERS ? H5T_STD_I64LE
                                                                : H5T_IEEE_F64LE;
    hid_t memory = message.kind == COUNTERSPIKE_HDF5_FLOATS     ? H5T_NATIVE_FLOAT
                   : message.kind == COUNTERSPIKE_HDF5_INTEGERS ? H5T_NATIVE_INT64
                                                                : H5T_NATIVE_DOUBLE;
    result = write_set(groups[*depth], name, rank, shape, stored, memory, values);
  }
  free(values);
  return result;
}

int counterspike_hdf5_image(const uint8_t *description, size_t count, uint8_t **bytes,
                            size_t *size) {
  *bytes = NULL;
  *size = 0;
  counterspike_hdf5_lock();
  H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
  hid_t access = H5Pcreate(H5P_FILE_ACCESS);
  H5Pset_fapl_core(access, 1 << 20, 0);
  hid_t file = H5Fcreate("counterspike", H5F_ACC_TRUNC, H5P_DEFAULT, access);
  H5Pclose(access);
  int result = file < 0;
  hid_t groups[DEEPEST] = {file};
  int depth = 0;
  reader from = {description, description + count};
  while (!result && from.next < from.end) result = write_item(groups, &depth, &from);
  while (depth > 0) H5Gclose(groups[depth--]);
  if (!result && H5Fflush(file, H5F_SCOPE_LOCAL) >= 0) {
    ssize_t length = H5Fget_file_image(file, NULL, 0);
    uint8_t *image = length > 0 ? malloc((size_t)length) : NULL;
    if (image && H5Fget_file_image(file, image, (size_t)length) == length) {
      *bytes = image;
      *size = (size_t)length;
    } else {
      free(image);
      result = 1;
    }
  }
  if (file >= 0) H5Fclose(file);
  counterspike_hdf5_unlock();
  return result || *bytes == NULL;
}

void counterspike_hdf5_free(uint8_t *bytes) { free(bytes); }

#endif

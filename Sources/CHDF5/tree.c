// Any HDF5 file of groups, numbers and text, read in the child process.

#ifdef COUNTERSPIKE_HDF5

#include <hdf5.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "serve.h"

// Groups in groups, items in the file, numbers in all of it, and bytes of a text.
enum { DEEPEST = 12, MOST_ITEMS = 100000, MOST_NUMBERS = 1 << 28, LONGEST = 1 << 16 };

typedef struct {
  int file;
  int depth;
  int64_t items;
  int64_t numbers;
} walk;

static void put(walk *it, const void *bytes, size_t count) {
  counterspike_hdf5_put(it->file, bytes, count);
}

static void tell(walk *it, int32_t kind, const char *name, int64_t a, int64_t b) {
  size_t length = strlen(name);
  if (length > LONGEST) length = LONGEST;
  counterspike_hdf5_message message = {kind, (int32_t)length, a, b};
  put(it, &message, sizeof message);
  put(it, name, length);
}

_Noreturn static void give_up(walk *it, int32_t kind, const char *name) {
  tell(it, counterspike_hdf5_reason(kind), name, 0, 0);
  counterspike_hdf5_flush();
  _exit(0);
}

// Before the values, once they have been read: what fails in between would be taken for values.
static void begin(walk *it, int32_t kind, const char *name, int rank, int64_t count,
                  const int64_t *shape) {
  tell(it, kind, name, rank, count);
  put(it, shape, (size_t)rank * sizeof *shape);
}

static void send_text(walk *it, const char *text, size_t length) {
  int64_t count = (int64_t)length;
  put(it, &count, sizeof count);
  put(it, text, length);
}

static size_t length_of(const char *text, size_t most) {
  size_t length = 0;
  while (length < most && text[length] != 0) length++;
  return length;
}

static void read_text(walk *it, hid_t set, hid_t type, const char *name, int rank, int64_t count,
                      const int64_t *shape) {
  if (H5Tis_variable_str(type) > 0) {
    char **rows = calloc((size_t)count + 1, sizeof *rows);
    hid_t memory = H5Tcopy(H5T_C_S1);
    if (!rows || memory < 0 || H5Tset_size(memory, H5T_VARIABLE) < 0 ||
        H5Tset_cset(memory, H5Tget_cset(type)) < 0 ||
        H5Dread(set, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, rows) < 0) {
      give_up(it, COUNTERSPIKE_HDF5_UNREADABLE, name);
    }
    begin(it, COUNTERSPIKE_HDF5_TEXT, name, rank, count, shape);
    for (int64_t index = 0; index < count; index++) {
      const char *text = rows[index] ? rows[index] : "";
      send_text(it, text, length_of(text, LONGEST));
    }
    H5Tclose(memory);
    free(rows);
    return;
  }
  size_t size = H5Tget_size(type);
  if (size == 0 || size > LONGEST) give_up(it, COUNTERSPIKE_HDF5_UNREADABLE, name);
  char *rows = calloc((size_t)count + 1, size);
  if (!rows || H5Dread(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, rows) < 0) {
    give_up(it, COUNTERSPIKE_HDF5_UNREADABLE, name);
  }
  begin(it, COUNTERSPIKE_HDF5_TEXT, name, rank, count, shape);
  for (int64_t index = 0; index < count; index++) {
    const char *text = rows + (size_t)index * size;
    send_text(it, text, length_of(text, size));
  }
  free(rows);
}

static void read_set(walk *it, hid_t set, const char *name) {
  hid_t properties = H5Dget_create_plist(set), type = H5Dget_type(set), space = H5Dget_space(set);
  if (properties < 0 || type < 0 || space < 0) give_up(it, COUNTERSPIKE_HDF5_UNREADABLE, name);
  H5D_layout_t layout = H5Pget_layout(properties);
  if (H5Pget_external_count(properties) != 0 || layout == H5D_VIRTUAL || layout < 0) {
    give_up(it, COUNTERSPIKE_HDF5_ELSEWHERE, name);
  }
  H5T_class_t class = H5Tget_class(type);
  int is_text = class == H5T_STRING;
  int rank = H5Sget_simple_extent_ndims(space);
  // What holds nothing, or neither numbers nor text, is passed over.
  if (H5Sget_simple_extent_type(space) != H5S_NULL &&
      (is_text || class == H5T_FLOAT || class == H5T_INTEGER)) {
    hsize_t sizes[8] = {0};
    if (rank < 0 || rank > 8 || H5Sget_simple_extent_dims(space, sizes, NULL) != rank) {
      give_up(it, COUNTERSPIKE_HDF5_UNREADABLE, name);
    }
    int64_t count = 1, shape[8];
    for (int axis = 0; axis < rank; axis++) {
      if (sizes[axis] > MOST_NUMBERS) give_up(it, COUNTERSPIKE_HDF5_TOO_LARGE, name);
      shape[axis] = (int64_t)sizes[axis];
      count *= shape[axis];
      if (count > MOST_NUMBERS) give_up(it, COUNTERSPIKE_HDF5_TOO_LARGE, name);
    }
    it->numbers += count;
    if (it->numbers > MOST_NUMBERS) give_up(it, COUNTERSPIKE_HDF5_TOO_LARGE, name);
    if (is_text) {
      if (count > MOST_ITEMS) give_up(it, COUNTERSPIKE_HDF5_TOO_LARGE, name);
      read_text(it, set, type, name, rank, count, shape);
    } else {
      double *values = malloc(((size_t)count + 1) * sizeof *values);
      // There may be as many: the limit for this process is larger.
      if (!values) give_up(it, COUNTERSPIKE_HDF5_SHORT, name);
      if (H5Dread(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) < 0) {
        give_up(it, COUNTERSPIKE_HDF5_UNREADABLE, name);
      }
      begin(it, COUNTERSPIKE_HDF5_NUMBERS, name, rank, count, shape);
      put(it, values, (size_t)count * sizeof *values);
      free(values);
    }
  }
  H5Sclose(space);
  H5Tclose(type);
  H5Pclose(properties);
}

static herr_t visit(hid_t group, const char *name, const H5L_info_t *link, void *data) {
  walk *it = data;
  if (++it->items > MOST_ITEMS || it->depth >= DEEPEST) {
    give_up(it, COUNTERSPIKE_HDF5_TOO_LARGE, name);
  }
  if (link->type != H5L_TYPE_HARD) give_up(it, COUNTERSPIKE_HDF5_ELSEWHERE, name);
  hid_t object = H5Oopen(group, name, H5P_DEFAULT);
  if (object < 0) give_up(it, COUNTERSPIKE_HDF5_UNREADABLE, name);
  H5I_type_t kind = H5Iget_type(object);
  if (kind == H5I_GROUP) {
    tell(it, COUNTERSPIKE_HDF5_GROUP, name, 0, 0);
    it->depth++;
    if (H5Literate(object, H5_INDEX_NAME, H5_ITER_INC, NULL, visit, it) < 0) {
      give_up(it, COUNTERSPIKE_HDF5_UNREADABLE, name);
    }
    it->depth--;
    tell(it, COUNTERSPIKE_HDF5_LEAVE, "", 0, 0);
  } else if (kind == H5I_DATASET) {
    read_set(it, object, name);
  }
  H5Oclose(object);
  return 0;
}

void counterspike_hdf5_serve_tree(const char *path, int64_t size, int file) {
  (void)size;
  walk it = {.file = file};
  hid_t source = counterspike_hdf5_open(path, file);
  if (H5Literate(source, H5_INDEX_NAME, H5_ITER_INC, NULL, visit, &it) < 0) {
    give_up(&it, COUNTERSPIKE_HDF5_UNREADABLE, "/");
  }
  tell(&it, COUNTERSPIKE_HDF5_END, "", 0, 0);
  counterspike_hdf5_flush();
}

#endif

// What the child process does: the only code that calls libhdf5.

#ifdef COUNTERSPIKE_HDF5

#include "serve.h"

#include <errno.h>
#include <hdf5.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { GROUP, TIMES, UNITS, LABELS, SUBJECTS };

static const char *const names[SUBJECTS] = {"/spikes", "/spikes/times", "/spikes/units", "/labels"};

const char *counterspike_hdf5_name(int32_t subject) {
  return subject >= 0 && subject < SUBJECTS ? names[subject] : "/";
}

// Output

typedef struct {
  int file;
  size_t used;
  char bytes[1 << 16];
} channel;

static void flush(channel *output) {
  size_t done = 0;
  while (done < output->used) {
    ssize_t step = write(output->file, output->bytes + done, output->used - done);
    if (step < 0 && errno == EINTR) continue;
    // The parent has no more interest.
    if (step <= 0) _exit(0);
    done += (size_t)step;
  }
  output->used = 0;
}

static void send(channel *output, const void *bytes, size_t count) {
  const char *source = bytes;
  while (count > 0) {
    size_t room = sizeof output->bytes - output->used;
    size_t step = count < room ? count : room;
    memcpy(output->bytes + output->used, source, step);
    output->used += step;
    source += step;
    count -= step;
    if (output->used == sizeof output->bytes) flush(output);
  }
}

static void say(channel *output, int32_t kind, int32_t subject, int64_t a, int64_t b) {
  counterspike_hdf5_message message = {kind, subject, a, b};
  send(output, &message, sizeof message);
}

int32_t counterspike_hdf5_reason(int32_t kind) {
  switch (kind) {
    case COUNTERSPIKE_HDF5_NOT_HDF5:
    case COUNTERSPIKE_HDF5_MISSING:
    case COUNTERSPIKE_HDF5_UNOPENED:
    case COUNTERSPIKE_HDF5_ELEMENT:
    case COUNTERSPIKE_HDF5_FAILED:
    case COUNTERSPIKE_HDF5_UNREADABLE: {
      // More than libhdf5 takes for small things; volatile, so that it is really asked for.
      void *volatile probe = malloc(16 << 20);
      if (probe == NULL) return COUNTERSPIKE_HDF5_SHORT;
      free(probe);
      return kind;
    }
    default: return kind;
  }
}

// Says what is wrong, and ends.
_Noreturn static void fail(channel *output, int32_t kind, int32_t subject, int64_t a, int64_t b) {
  say(output, counterspike_hdf5_reason(kind), subject, a, b);
  flush(output);
  _exit(0);
}

// Checks

// A link that leads to nothing but an object of this file.
static void check_link(channel *output, hid_t file, int subject) {
  H5L_info_t link;
  if (H5Lexists(file, names[subject], H5P_DEFAULT) <= 0) {
    fail(output, COUNTERSPIKE_HDF5_MISSING, subject, 0, 0);
  }
  if (H5Lget_info(file, names[subject], &link, H5P_DEFAULT) < 0) {
    fail(output, COUNTERSPIKE_HDF5_UNOPENED, subject, 0, 0);
  }
  if (link.type != H5L_TYPE_HARD) {
    int64_t kind = link.type == H5L_TYPE_SOFT ? 1 : link.type == H5L_TYPE_EXTERNAL ? 2 : 3;
    fail(output, COUNTERSPIKE_HDF5_LINK, subject, kind, 0);
  }
}

// The numbers of IEEE 754 with 16, 32 or 64 bits, in either order of bytes; 0 for any other type.
static size_t float_size(hid_t type) {
  if (H5Tget_class(type) != H5T_FLOAT) return 0;
  size_t size = H5Tget_size(type), sign, exponent, exponents, fraction, fractions;
  H5T_order_t order = H5Tget_order(type);
  if (order != H5T_ORDER_LE && order != H5T_ORDER_BE) return 0;
  if (H5Tget_fields(type, &sign, &exponent, &exponents, &fraction, &fractions) < 0) return 0;
  size_t wanted = size == 2 ? 10 : size == 4 ? 23 : size == 8 ? 52 : 0;
  if (wanted == 0 || fraction != 0 || fractions != wanted || exponent != wanted ||
      exponents != 8 * size - 1 - wanted || sign != 8 * size - 1 ||
      H5Tget_ebias(type) != ((size_t)1 << (exponents - 1)) - 1 || H5Tget_offset(type) != 0 ||
      H5Tget_precision(type) != 8 * size || H5Tget_norm(type) != H5T_NORM_IMPLIED) {
    return 0;
  }
  return size;
}

// Integers of 8, 16, 32 or 64 bits; 0 for any other type.
static size_t integer_size(hid_t type) {
  if (H5Tget_class(type) != H5T_INTEGER) return 0;
  size_t size = H5Tget_size(type);
  H5T_order_t order = H5Tget_order(type);
  if (size != 1 && size != 2 && size != 4 && size != 8) return 0;
  if (order != H5T_ORDER_LE && order != H5T_ORDER_BE) return 0;
  return H5Tget_offset(type) == 0 && H5Tget_precision(type) == 8 * size ? size : 0;
}

// The bytes of one number, or of one number of a row of any length.
static size_t element_size(hid_t type, int subject) {
  if (subject == LABELS) return integer_size(type);
  if (H5Tget_class(type) != H5T_VLEN) return 0;
  hid_t base = H5Tget_super(type);
  if (base < 0) return 0;
  size_t size = subject == TIMES ? float_size(base) : integer_size(base);
  H5Tclose(base);
  return size;
}

typedef struct {
  hid_t set;
  hid_t space;
  int64_t count;
  size_t element;
} column;

static column open_column(channel *output, hid_t file, int subject) {
  check_link(output, file, subject);
  // Rows are read one by one: without a cache for it, their chunk would be unpacked for each.
  hid_t access = H5Pcreate(H5P_DATASET_ACCESS);
  if (access < 0 || H5Pset_chunk_cache(access, 521, 32 << 20, 1) < 0) {
    fail(output, COUNTERSPIKE_HDF5_FAILED, subject, 0, 0);
  }
  column it = {.set = H5Dopen2(file, names[subject], access)};
  H5Pclose(access);
  if (it.set < 0) fail(output, COUNTERSPIKE_HDF5_UNOPENED, subject, 0, 0);

  hid_t properties = H5Dget_create_plist(it.set);
  if (properties < 0) fail(output, COUNTERSPIKE_HDF5_UNOPENED, subject, 0, 0);
  int others = H5Pget_external_count(properties);
  if (others != 0) fail(output, COUNTERSPIKE_HDF5_EXTERNAL, subject, others > 0 ? others : 0, 0);
  H5D_layout_t layout = H5Pget_layout(properties);
  if (layout == H5D_VIRTUAL) fail(output, COUNTERSPIKE_HDF5_EXTERNAL, subject, -1, 0);
  if (layout < 0) fail(output, COUNTERSPIKE_HDF5_UNOPENED, subject, 0, 0);
  H5Pclose(properties);

  hid_t type = H5Dget_type(it.set);
  if (type < 0) fail(output, COUNTERSPIKE_HDF5_UNOPENED, subject, 0, 0);
  it.element = element_size(type, subject);
  H5Tclose(type);
  if (it.element == 0) fail(output, COUNTERSPIKE_HDF5_TYPE, subject, 0, 0);

  it.space = H5Dget_space(it.set);
  if (it.space < 0) fail(output, COUNTERSPIKE_HDF5_UNOPENED, subject, 0, 0);
  if (H5Sget_simple_extent_type(it.space) == H5S_NULL) {
    fail(output, COUNTERSPIKE_HDF5_RANK, subject, -1, 0);
  }
  int rank = H5Sget_simple_extent_ndims(it.space);
  if (rank != 1) fail(output, COUNTERSPIKE_HDF5_RANK, subject, rank, 0);
  hsize_t count = 0;
  if (H5Sget_simple_extent_dims(it.space, &count, NULL) != 1) {
    fail(output, COUNTERSPIKE_HDF5_UNOPENED, subject, 0, 0);
  }
  it.count = count > INT64_MAX ? INT64_MAX : (int64_t)count;
  return it;
}

// Reading

// Bytes that one row may take in memory. libhdf5 asks for a row's memory by the length that the file
// claims, before it looks for the row.
static size_t row_limit;

static void *allocate(size_t size, void *unused) {
  (void)unused;
  return size <= row_limit ? malloc(size) : NULL;
}

static void release(void *memory, void *unused) {
  (void)unused;
  free(memory);
}

// Element `index` of a column, as `type`.
static void read_element(channel *output, const column *it, int subject, int64_t index, hid_t type,
                         hid_t single, hid_t transfer, void *target) {
  hsize_t start = (hsize_t)index, one = 1;
  if (H5Sselect_hyperslab(it->space, H5S_SELECT_SET, &start, NULL, &one, NULL) < 0 ||
      H5Dread(it->set, type, single, it->space, transfer, target) < 0) {
    fail(output, COUNTERSPIKE_HDF5_ELEMENT, subject, index, 0);
  }
}

static channel storage;

static hid_t open_file(channel *output, const char *path) {
  // No text on standard error, no plug-ins, no locks: another program may write what it likes.
  if (H5open() < 0 || H5Eset_auto2(H5E_DEFAULT, NULL, NULL) < 0 || H5PLset_loading_state(0) < 0) {
    fail(output, COUNTERSPIKE_HDF5_FAILED, 0, 0, 0);
  }
  hid_t access = H5Pcreate(H5P_FILE_ACCESS);
#if H5_VERSION_GE(1, 14, 0) || (H5_VERSION_GE(1, 10, 7) && !H5_VERSION_GE(1, 11, 0))
  H5Pset_file_locking(access, 0, 1);
#endif
  hid_t source = H5Fopen(path, H5F_ACC_RDONLY, access);
  if (source < 0) fail(output, COUNTERSPIKE_HDF5_NOT_HDF5, 0, 0, 0);
  // From here on, no other file can be opened, whatever the checks below overlook.
  struct rlimit none = {0, 0};
  setrlimit(RLIMIT_NOFILE, &none);
  return source;
}

int64_t counterspike_hdf5_open(const char *path, int file) {
  storage.file = file;
  return open_file(&storage, path);
}

void counterspike_hdf5_put(int file, const void *bytes, size_t count) {
  storage.file = file;
  send(&storage, bytes, count);
}

void counterspike_hdf5_flush(void) { flush(&storage); }

void counterspike_hdf5_serve(const char *path, int64_t size, int file) {
  channel *output = &storage;
  output->file = file;
  hid_t source = open_file(output, path);

  check_link(output, source, GROUP);
  column times = open_column(output, source, TIMES);
  column units = open_column(output, source, UNITS);
  column labels = open_column(output, source, LABELS);
  // A reference to a row takes 16 bytes, in each of the two columns; half of that is granted to
  // references that are compressed.
  int64_t most = size / 16;
  if (times.count > most) fail(output, COUNTERSPIKE_HDF5_TOO_MANY, TIMES, times.count, most);
  if (units.count != times.count) {
    fail(output, COUNTERSPIKE_HDF5_COUNT, UNITS, units.count, times.count);
  }
  if (labels.count != times.count) {
    fail(output, COUNTERSPIKE_HDF5_COUNT, LABELS, labels.count, times.count);
  }
  int64_t spike = (int64_t)(times.element + units.element);
  // The rows are never compressed, so that the file's size limits the number of spikes.
  int64_t room = size / spike;
  row_limit = (size_t)size / (times.element < units.element ? times.element : units.element) * 8;

  hid_t transfer = H5Pcreate(H5P_DATASET_XFER);
  hid_t time_rows = H5Tvlen_create(H5T_NATIVE_DOUBLE);
  hid_t unit_rows = H5Tvlen_create(H5T_NATIVE_INT32);
  hsize_t one = 1;
  hid_t single = H5Screate_simple(1, &one, NULL);
  if (transfer < 0 || time_rows < 0 || unit_rows < 0 || single < 0 ||
      H5Pset_vlen_mem_manager(transfer, allocate, NULL, release, NULL) < 0) {
    fail(output, COUNTERSPIKE_HDF5_FAILED, 0, 0, 0);
  }

  say(output, COUNTERSPIKE_HDF5_HEADER, 0, times.count, spike);
  flush(output);
  for (int64_t index = 0; index < times.count; index++) {
    int64_t label;
    hvl_t time_row = {0}, unit_row = {0};
    read_element(output, &labels, LABELS, index, H5T_NATIVE_INT64, single, transfer, &label);
    read_element(output, &times, TIMES, index, time_rows, single, transfer, &time_row);
    read_element(output, &units, UNITS, index, unit_rows, single, transfer, &unit_row);
    if (time_row.len != unit_row.len) {
      fail(output, COUNTERSPIKE_HDF5_LENGTHS, (int32_t)index, (int64_t)time_row.len,
           (int64_t)unit_row.len);
    }
    int64_t count = (int64_t)time_row.len;
    if (count > room) fail(output, COUNTERSPIKE_HDF5_TOO_LONG, (int32_t)index, count, room);
    room -= count;
    say(output, COUNTERSPIKE_HDF5_RECORDING, (int32_t)index, label, count);
    send(output, time_row.p, (size_t)count * sizeof(double));
    send(output, unit_row.p, (size_t)count * sizeof(int32_t));
    release(time_row.p, NULL);
    release(unit_row.p, NULL);
  }
  say(output, COUNTERSPIKE_HDF5_END, 0, 0, 0);
  flush(output);
}

#endif

#ifdef COUNTERSPIKE_HDF5

#include "hdf5_writer.h"

#include <hdf5.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static hid_t float_type(int size, int is_odd) {
  if (size == 8) return H5Tcopy(H5T_IEEE_F64LE);
  hid_t type = H5Tcopy(H5T_IEEE_F32LE);
  if (size == 4) return type;
  // Half precision, or with one bit more of the exponent.
  int fraction = is_odd ? 9 : 10;
  H5Tset_fields(type, 15, fraction, 15 - fraction, 0, fraction);
  H5Tset_size(type, 2);
  H5Tset_ebias(type, is_odd ? 31 : 15);
  return type;
}

static hid_t integer_type(int size) {
  return H5Tcopy(size == 1   ? H5T_STD_U8LE
                 : size == 2 ? H5T_STD_U16LE
                 : size == 4 ? H5T_STD_I32BE
                             : H5T_STD_I64LE);
}

// Creates a data set and fills it.
static int set(hid_t file, const char *name, hid_t type, hid_t space, hid_t properties,
               hid_t memory_type, const void *values) {
  hid_t it = H5Dcreate2(file, name, type, space, H5P_DEFAULT, properties, H5P_DEFAULT);
  if (it < 0) return 1;
  if (values && H5Dwrite(it, memory_type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) < 0) return 1;
  return H5Dclose(it) < 0;
}

static hvl_t *rows(int64_t count, const int64_t *lengths, const void *values, size_t size) {
  hvl_t *rows = calloc((size_t)count + 1, sizeof *rows);
  const char *place = values;
  for (int64_t index = 0; index < count; index++) {
    rows[index].len = (size_t)lengths[index];
    rows[index].p = (void *)place;
    place += (size_t)lengths[index] * size;
  }
  return rows;
}

static int write_all(const char *path, const hdf5_writer_content *content) {
  int form = content->form;
  hid_t access = H5Pcreate(H5P_FILE_ACCESS);
  if (form == HDF5_WRITER_LATEST) {
    H5Pset_libver_bounds(access, H5F_LIBVER_LATEST, H5F_LIBVER_LATEST);
  }
  hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, access);
  if (file < 0) return 1;
  if (form != HDF5_WRITER_WITHOUT_GROUP && form != HDF5_WRITER_EXTERNAL_GROUP) {
    H5Gclose(H5Gcreate2(file, "/spikes", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
  }

  hsize_t counts[] = {(hsize_t)content->time_rows, 1};
  if (form == HDF5_WRITER_HUGE) counts[0] = (hsize_t)1 << 40;
  hid_t space = H5Screate_simple(form == HDF5_WRITER_TWO_DIMENSIONS ? 2 : 1, counts, NULL);
  if (form == HDF5_WRITER_SCALAR) space = H5Screate(H5S_SCALAR);
  if (form == HDF5_WRITER_NO_DIMENSIONS) space = H5Screate(H5S_NULL);
  hid_t properties = H5Pcreate(H5P_DATASET_CREATE);
  hsize_t chunk[] = {2, 1};
  if (form == HDF5_WRITER_CHUNKED) {
    H5Pset_chunk(properties, 1, chunk);
    H5Pset_shuffle(properties);
    H5Pset_deflate(properties, 9);
  }

  int failed = 0;
  hvl_t *times = rows(content->time_rows, content->time_lengths, content->times, sizeof(double));
  hid_t memory = H5Tvlen_create(H5T_NATIVE_DOUBLE);
  hid_t base = form == HDF5_WRITER_INTEGER_TIMES
                   ? integer_type(content->time_size)
                   : float_type(content->time_size, form == HDF5_WRITER_ODD_FLOATS);
  hid_t type = form == HDF5_WRITER_SINGLE_TIMES ? base : H5Tvlen_create(base);
  switch (form) {
  case HDF5_WRITER_WITHOUT_GROUP:
  case HDF5_WRITER_EXTERNAL_GROUP:
    break;
  case HDF5_WRITER_GROUP:
    H5Gclose(H5Gcreate2(file, "/spikes/times", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    break;
  default:
    failed |= set(file, "/spikes/times", type, space, properties, memory,
                  form == HDF5_WRITER_SINGLE_TIMES || form == HDF5_WRITER_HUGE ? NULL : times);
  }

  counts[0] = form == HDF5_WRITER_HUGE ? (hsize_t)1 << 40 : (hsize_t)content->unit_rows;
  space = H5Screate_simple(1, counts, NULL);
  hvl_t *units = rows(content->unit_rows, content->unit_lengths, content->units, sizeof(int64_t));
  memory = H5Tvlen_create(H5T_NATIVE_INT64);
  base = form == HDF5_WRITER_FLOAT_UNITS ? float_type(4, 0) : integer_type(content->unit_size);
  const char *name = form == HDF5_WRITER_SOFT_LINK ? "/units" : "/spikes/units";
  switch (form) {
  case HDF5_WRITER_WITHOUT_GROUP:
  case HDF5_WRITER_WITHOUT_UNITS:
    break;
  case HDF5_WRITER_EXTERNAL_GROUP:
    failed |= H5Lcreate_external(content->other, "/spikes", file, "/spikes", H5P_DEFAULT,
                                 H5P_DEFAULT) < 0;
    break;
  case HDF5_WRITER_EXTERNAL_LINK:
    failed |= H5Lcreate_external(content->other, name, file, name, H5P_DEFAULT, H5P_DEFAULT) < 0;
    break;
  default:
    failed |= set(file, name, H5Tvlen_create(base), space, properties, memory,
                  form == HDF5_WRITER_HUGE ? NULL : units);
  }
  if (form == HDF5_WRITER_SOFT_LINK) {
    H5Lcreate_soft("/units", file, "/spikes/units", H5P_DEFAULT, H5P_DEFAULT);
  }

  counts[0] = form == HDF5_WRITER_HUGE ? (hsize_t)1 << 40 : (hsize_t)content->labels;
  space = H5Screate_simple(1, counts, NULL);
  type = form == HDF5_WRITER_FLOAT_LABELS ? float_type(4, 0) : integer_type(content->label_size);
  const void *labels = content->label;
  if (form == HDF5_WRITER_EXTERNAL_DATA) {
    H5Pset_external(properties, content->other, 0, H5F_UNLIMITED);
    labels = NULL;
  }
  if (form == HDF5_WRITER_VIRTUAL) {
    H5Pset_virtual(properties, space, content->other, "/labels", space);
    labels = NULL;
  }
  if (form == HDF5_WRITER_HUGE) labels = NULL;
  failed |= set(file, "/labels", type, space, properties, H5T_NATIVE_INT64, labels);
  return H5Fclose(file) < 0 || failed;
}

int hdf5_writer_write(const char *path, const hdf5_writer_content *content) {
  pid_t process = fork();
  if (process == 0) {
    int failed = write_all(path, content);
    H5close();
    _exit(failed);
  }
  int status = 1;
  if (process < 0 || waitpid(process, &status, 0) < 0) return 1;
  return status;
}

#endif

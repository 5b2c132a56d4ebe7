// Writes HDF5 files of spikes for tests, sound and damaged ones, in a process of its own: where a
// process calls libhdf5 while it forks, the child finds the library in any state.

#ifndef HDF5_WRITER_H
#define HDF5_WRITER_H

#include <stdint.h>

// What is done otherwise than in a sound file.
enum {
  HDF5_WRITER_SOUND,
  // Chunks of two, compressed.
  HDF5_WRITER_CHUNKED,
  // The newest version of everything that there is more than one of.
  HDF5_WRITER_LATEST,
  HDF5_WRITER_WITHOUT_GROUP,
  HDF5_WRITER_WITHOUT_UNITS,
  HDF5_WRITER_SOFT_LINK,
  // The units, or the group of all spikes, are those of `other`.
  HDF5_WRITER_EXTERNAL_LINK,
  HDF5_WRITER_EXTERNAL_GROUP,
  // The bytes of the labels are those of `other`.
  HDF5_WRITER_EXTERNAL_DATA,
  HDF5_WRITER_VIRTUAL,
  HDF5_WRITER_TWO_DIMENSIONS,
  HDF5_WRITER_SCALAR,
  HDF5_WRITER_NO_DIMENSIONS,
  // Times that are one number each; of 16 bits divided otherwise; integers; units that are floats.
  HDF5_WRITER_SINGLE_TIMES,
  HDF5_WRITER_ODD_FLOATS,
  HDF5_WRITER_INTEGER_TIMES,
  HDF5_WRITER_FLOAT_UNITS,
  HDF5_WRITER_FLOAT_LABELS,
  // /spikes/times is a group.
  HDF5_WRITER_GROUP,
  // Far more recordings than the file has bytes, all of them never written.
  HDF5_WRITER_HUGE,
};

typedef struct {
  // Bytes of a number.
  int time_size, unit_size, label_size;
  int form;
  const char *other;
  // Of each recording; then all rows, one behind the other.
  int64_t time_rows, unit_rows, labels;
  const int64_t *time_lengths, *unit_lengths;
  const double *times;
  const int64_t *units;
  const int64_t *label;
} hdf5_writer_content;

// Returns 0, or something else where the file could not be written.
int hdf5_writer_write(const char *path, const hdf5_writer_content *content);

#endif

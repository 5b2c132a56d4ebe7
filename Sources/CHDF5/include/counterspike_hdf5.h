// The narrow door to libhdf5: reads recordings of spikes, or a tree of groups, numbers and text, from an
// HDF5 file, and writes such a tree.
//
// libhdf5 was not made for hostile files: some make it crash, loop or ask for all memory. It runs in
// a child process therefore, which has limits on its memory and time, can open no other file, and
// sends what it reads through a pipe. Whatever becomes of the child, the caller sees a message, or
// the end of them and why. The caller's process calls libhdf5 only to make a file of its own.
//
// The library is needed by builds with the package trait HDF5 only; without, this target is empty.

#ifndef COUNTERSPIKE_HDF5_H
#define COUNTERSPIKE_HDF5_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// What a message says; `a` and `b` are numbers that go with it.
enum {
  // Everything was found. a: recordings; b: bytes of one spike in the file, time and unit.
  // Then one RECORDING for each, then END.
  COUNTERSPIKE_HDF5_HEADER = 1,
  // a: label; b: spikes. Behind it b times (double, seconds) and b units (int32_t).
  COUNTERSPIKE_HDF5_RECORDING = 2,
  COUNTERSPIKE_HDF5_END = 3,
  // Problems; no message follows. `subject` is the data set, as counterspike_hdf5_name has it.
  COUNTERSPIKE_HDF5_NOT_HDF5 = 10,
  // There is no link of that name.
  COUNTERSPIKE_HDF5_MISSING = 11,
  // The link leads elsewhere, perhaps into another file. a: 1 soft, 2 external, 3 other.
  COUNTERSPIKE_HDF5_LINK = 12,
  // It cannot be opened.
  COUNTERSPIKE_HDF5_UNOPENED = 13,
  // a: dimensions, or -1 for a data set that is empty.
  COUNTERSPIKE_HDF5_RANK = 14,
  // The elements have another type.
  COUNTERSPIKE_HDF5_TYPE = 15,
  // The data are in other files. a: files, or -1 for a virtual data set.
  COUNTERSPIKE_HDF5_EXTERNAL = 16,
  // a: elements; b: elements of /spikes/times.
  COUNTERSPIKE_HDF5_COUNT = 17,
  // More recordings than the file can hold. a: elements; b: the most there can be.
  COUNTERSPIKE_HDF5_TOO_MANY = 18,
  // Element a cannot be read.
  COUNTERSPIKE_HDF5_ELEMENT = 19,
  // Recording `subject` has a times and b units.
  COUNTERSPIKE_HDF5_LENGTHS = 20,
  // Recording `subject` has a spikes, where there is room for b.
  COUNTERSPIKE_HDF5_TOO_LONG = 21,
  // libhdf5 cannot be started.
  COUNTERSPIKE_HDF5_FAILED = 22,
  // Something failed while there was next to no memory: it says nothing about the file.
  COUNTERSPIKE_HDF5_SHORT = 23,
  // A tree. `subject` is the length of a name, whose bytes follow.
  COUNTERSPIKE_HDF5_GROUP = 30,
  // The end of the group.
  COUNTERSPIKE_HDF5_LEAVE = 31,
  // a: dimensions; b: elements. Behind the name a sizes (int64_t) and b numbers (double).
  COUNTERSPIKE_HDF5_NUMBERS = 32,
  // As before, but b times the length of a text (int64_t) and its bytes.
  COUNTERSPIKE_HDF5_TEXT = 33,
  // As numbers, of type float or int64_t; only to be written.
  COUNTERSPIKE_HDF5_FLOATS = 34,
  COUNTERSPIKE_HDF5_INTEGERS = 35,
  // Problems with the item of that name; no message follows.
  // It leads out of the file, or its data stand in another one.
  COUNTERSPIKE_HDF5_ELSEWHERE = 40,
  COUNTERSPIKE_HDF5_UNREADABLE = 41,
  // More than any file of this kind needs.
  COUNTERSPIKE_HDF5_TOO_LARGE = 42,
};

typedef struct {
  int32_t kind;
  int32_t subject;
  int64_t a;
  int64_t b;
} counterspike_hdf5_message;

typedef struct {
  pid_t process;
  int descriptor;
} counterspike_hdf5_child;

// The data sets, from 0: /spikes, /spikes/times, /spikes/units, /labels.
const char *counterspike_hdf5_name(int32_t subject);

// Starts a child that reads the file at `path`.
//
// size: bytes of the file. memory: bytes that the child may take beyond what this process has now
// (Linux only; elsewhere nothing limits it). seconds: processor time that it may take.
// Returns 0, or what errno says.
int counterspike_hdf5_start(const char *path, int64_t size, int64_t memory, int64_t seconds,
                            counterspike_hdf5_child *child);

// The same, but the child sends the tree of all groups, numbers and text, then END.
int counterspike_hdf5_start_tree(const char *path, int64_t size, int64_t memory, int64_t seconds,
                                 counterspike_hdf5_child *child);

// Makes an HDF5 file in memory of messages like those of a tree, without the END. Returns 0; its bytes
// are to be given back by counterspike_hdf5_free.
int counterspike_hdf5_image(const uint8_t *description, size_t count, uint8_t **bytes,
                            size_t *size);
void counterspike_hdf5_free(uint8_t *bytes);

// Waits for `count` bytes from the child. Returns 0; 1: it ended before; 2: it sent nothing for
// `patience` milliseconds.
int counterspike_hdf5_receive(counterspike_hdf5_child *child, void *bytes, size_t count,
                              int patience);

// Ends the child, whatever it does, and waits until it is gone. Returns the signal that had ended
// it before, or 0; nothing happens where it was called before.
int counterspike_hdf5_stop(counterspike_hdf5_child *child);

#endif

#!/usr/bin/env python3
"""Writes the fixtures beside this file by two libraries that are not ours: pip install h5py tables."""

import gzip
import pathlib

import h5py
import numpy
import tables

folder = pathlib.Path(__file__).parent
times = [[0, 0.0625, 1.375], [], [0.5, 0.25]]
units = [[0, 699, 350], [], [7, 8]]
labels = numpy.array([19, 0, 3], numpy.uint16)

with h5py.File(folder / "h5py.h5", "w") as file:
    for name, rows, kind in [("times", times, numpy.float16), ("units", units, numpy.uint16)]:
        column = file.create_dataset(f"spikes/{name}", (3,), dtype=h5py.vlen_dtype(kind))
        for index, row in enumerate(rows):
            column[index] = numpy.array(row, kind)
    file["labels"] = labels
    file["extra/keys"] = [b"zero", b"one"]

plain = folder / "pytables.h5"
with tables.open_file(str(plain), "w") as file:
    group = file.create_group("/", "spikes")
    for name, rows, atom, kind in [
        ("times", times, tables.Float16Atom(), numpy.float16),
        ("units", units, tables.UInt16Atom(), numpy.uint16),
    ]:
        column = file.create_vlarray(group, name, atom)
        for row in rows:
            column.append(numpy.array(row, kind))
    file.create_array("/", "labels", labels)
# A megabyte, almost all of it room for more recordings.
(folder / "pytables.h5.gz").write_bytes(gzip.compress(plain.read_bytes(), 9, mtime=0))
plain.unlink()

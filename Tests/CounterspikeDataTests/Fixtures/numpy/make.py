"""Writes the archives of this folder anew: python3 make.py, with numpy 2.4.6."""

import numpy as np

i = np.arange(200)
t, x, y, p = 137 * i, (i * 37) % 34, (i * i) % 26, i % 3 == 0
np.savez("stored.npz", t=t, x=x.astype("u2"), y=y.astype("u1"), p=p)
np.savez_compressed("deflated.npz", p=p, t=t.astype("f8"), y=y, x=x, extra=np.zeros((3, 3)))
maker = np.dtype({"names": ["x", "y", "p", "t"], "formats": ["<u2", "<u2", "<i2", "<i8"],
                  "offsets": [0, 2, 4, 8], "itemsize": 16})
events = np.zeros(200, maker)
events["x"], events["y"], events["p"], events["t"] = x, y, p, t
np.savez_compressed("records.npz", events)

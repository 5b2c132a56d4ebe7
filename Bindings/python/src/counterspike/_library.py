"""The dynamic library, as ctypes sees it; `counterspike.h` describes its functions."""

from __future__ import annotations

import ctypes
import os
import sys
from ctypes import (
    POINTER, Structure, byref, c_char, c_char_p, c_double, c_float, c_int32, c_int64, c_uint64, c_void_p,
)  # fmt: skip
from pathlib import Path

from ._errors import BY_CODE, CounterspikeError, LibraryError

INTERFACE = 1


class Status(Structure):
    _fields_ = [("code", c_int32), ("message", c_char * 1020)]


class NeuronsInput(Structure):
    _fields_ = [
        ("time_steps", c_int64),
        ("neurons", c_int64),
        ("currents", c_void_p),
        ("membrane", c_void_p),
        ("psc", c_void_p),
        ("adaptation", c_void_p),
        ("constants", POINTER(c_double)),
        ("threads", c_int32),
        ("repeats_currents", c_int32),
    ]


class NeuronsWindows(Structure):
    _fields_ = [
        ("height", c_int64),
        ("width", c_int64),
        ("columns", c_int64),
        ("channels", c_int64),
        ("factor", c_float),
    ]


class NeuronsState(Structure):
    _fields_ = [("membrane", c_void_p), ("psc", c_void_p), ("adaptation", c_void_p)]


class AuditSettings(Structure):
    _fields_ = [
        ("samples", c_int64),
        ("flips", c_int64),
        ("perturbations", c_int64),
        ("seed", c_uint64),
    ]


def _path() -> Path:
    """Where the library is: in the package, or where COUNTERSPIKE_LIBRARY says."""
    given = os.environ.get("COUNTERSPIKE_LIBRARY")
    if given:
        return Path(given)
    suffix = "dylib" if sys.platform == "darwin" else "so"
    return Path(__file__).parent / "lib" / f"libCounterspikeC.{suffix}"


def _load() -> ctypes.CDLL:
    path = _path()
    try:
        library = ctypes.CDLL(str(path))
    except OSError as error:
        raise LibraryError(
            f"the library “{path}” cannot be loaded: {error}; install the package again, or name the "
            "library by the environment variable COUNTERSPIKE_LIBRARY"
        ) from error
    status = POINTER(Status)
    functions: dict[str, tuple[object, list[object]]] = {
        "version": (c_char_p, []),
        "interface": (c_int32, []),
        "use_threads": (None, [c_void_p]),
        "neurons_create": (c_void_p, [c_char_p, status]),
        "neurons_destroy": (None, [c_void_p]),
        "neurons_forward_pooled": (
            c_int32,
            [
                c_void_p, POINTER(NeuronsInput), POINTER(NeuronsWindows), c_void_p, c_void_p, c_void_p,
                c_void_p, status,
            ],
        ),
        "neurons_backward_pooled": (
            c_int32,
            [
                c_void_p, POINTER(NeuronsInput), POINTER(NeuronsWindows), c_void_p, c_void_p,
                POINTER(c_double), status,
            ],
        ),
        "neurons_step_backward": (
            c_int32,
            [
                c_void_p, POINTER(NeuronsInput), c_void_p, POINTER(NeuronsState), c_void_p,
                POINTER(NeuronsState), status,
            ],
        ),
        "samples_create": (c_void_p, [POINTER(c_int64), c_int32, c_int32, status]),
        "samples_destroy": (None, [c_void_p]),
        "samples_append": (c_int32, [c_void_p, c_int64, c_void_p, c_void_p, status]),
        "samples_create_numbers": (
            c_void_p,
            [POINTER(c_int64), c_int32, POINTER(c_int64), c_int32, status],
        ),
        "samples_append_numbers": (c_int32, [c_void_p, c_int64, c_void_p, c_void_p, status]),
        "network_load": (c_void_p, [c_char_p, status]),
        "network_destroy": (None, [c_void_p]),
        "network_save": (c_int32, [c_void_p, c_char_p, status]),
        "network_describe": (c_int32, [c_void_p, c_char_p, c_int64, POINTER(c_int64), status]),
        "network_weights": (c_int32, [c_void_p, c_int32, c_void_p, c_int64, status]),
        "network_predict": (
            c_int32,
            [c_void_p, c_int64, c_int32, c_void_p, c_void_p, c_int32, status],
        ),
        "network_trace": (c_void_p, [c_void_p, c_int64, c_int32, c_void_p, status]),
        "trace_destroy": (None, [c_void_p]),
        "trace_describe": (c_int32, [c_void_p, c_char_p, c_int64, POINTER(c_int64), status]),
        "trace_read": (c_int32, [c_void_p, c_int32, c_int32, c_void_p, c_int64, status]),
        "network_audit": (
            c_void_p,
            [c_void_p, c_void_p, POINTER(AuditSettings), c_int32, status],
        ),
        "audit_destroy": (None, [c_void_p]),
        "audit_describe": (c_int32, [c_void_p, c_char_p, c_int64, POINTER(c_int64), status]),
        "training_start": (c_void_p, [c_char_p, c_void_p, c_void_p, c_int32, status]),
        "training_next": (c_int32, [c_void_p, c_int32, c_char_p, c_int64, status]),
        "training_stop": (None, [c_void_p]),
        "training_network": (c_void_p, [c_void_p, status]),
        "training_destroy": (None, [c_void_p]),
    }  # fmt: skip
    for name, (result, arguments) in functions.items():
        function = getattr(library, f"counterspike_{name}")
        function.restype = result
        function.argtypes = arguments
    if library.counterspike_interface() != INTERFACE:
        raise LibraryError(
            f"the library “{path}” has interface {library.counterspike_interface()}, and this package "
            f"needs {INTERFACE}; install both from one version"
        )
    return library


library = _load()


def version() -> str:
    """The version of the library."""
    text: bytes = library.counterspike_version()
    return text.decode()


def error(status: Status) -> CounterspikeError:
    """The exception that a status stands for."""
    return BY_CODE.get(status.code, CounterspikeError)(status.message.decode())


def check(code: int, status: Status) -> None:
    """Raises what a function reported."""
    if code != 0:
        raise error(status)


__all__ = ["AuditSettings", "NeuronsInput", "NeuronsState", "NeuronsWindows", "Status", "byref", "check", "error", "library", "version"]

"""Objects of the library that Python owns."""

from __future__ import annotations

import json
import weakref
from collections.abc import Callable
from ctypes import byref, c_int64, create_string_buffer
from typing import Any

from ._errors import ClosedError
from ._library import Status, check, error


class Handle:
    """One object of the library; it is destroyed when it is closed or nobody has it any more."""

    def __init__(self, name: str, create: Callable[..., Any], destroy: Callable[..., Any], *arguments: Any) -> None:
        status = Status()
        address = create(*arguments, byref(status))
        if not address:
            raise error(status)
        self._name = name
        self._address: int | None = address
        self._finalizer = weakref.finalize(self, destroy, address)

    @property
    def address(self) -> int:
        """The object, as long as it has not been closed."""
        if self._address is None:
            raise ClosedError(f"the {self._name} has been closed; make another one")
        return self._address

    def close(self) -> None:
        """Destroys it now."""
        self._address = None
        self._finalizer()

    def describe(self, function: Callable[..., int]) -> dict[str, Any]:
        """What a function that writes JSON says of it."""
        status = Status()
        needed = c_int64()
        check(function(self.address, None, 0, byref(needed), byref(status)), status)
        text = create_string_buffer(needed.value)
        check(function(self.address, text, needed.value, None, byref(status)), status)
        result: dict[str, Any] = json.loads(text.value)
        return result

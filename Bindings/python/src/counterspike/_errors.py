"""What goes wrong, as exceptions."""

from __future__ import annotations


class CounterspikeError(Exception):
    """What went wrong and what to do about it, in one line."""


class RecipeError(CounterspikeError, ValueError):
    """A recipe or a setting that cannot be used."""


class ArgumentError(CounterspikeError, ValueError):
    """An argument that cannot be used."""


class FileError(CounterspikeError, OSError):
    """A file or folder that does not exist, cannot be read or written, or is damaged."""


class MismatchError(CounterspikeError, ValueError):
    """Things that are each sound and do not fit each other, such as samples and a network."""


class LibraryError(CounterspikeError, RuntimeError):
    """The system or a library refused: memory, threads."""


class DivergedError(CounterspikeError, ArithmeticError):
    """Training cannot go on: the loss is no longer a number."""


class ClosedError(CounterspikeError, ValueError):
    """A thing that has been closed is used again."""


class NotFittedError(ArgumentError, AttributeError):
    """A classifier that has not been fitted is asked for something."""


BY_CODE: dict[int, type[CounterspikeError]] = {
    1: ArgumentError,
    2: RecipeError,
    3: FileError,
    4: FileError,
    5: MismatchError,
    6: LibraryError,
    7: DivergedError,
}

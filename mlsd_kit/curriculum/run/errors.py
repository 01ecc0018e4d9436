"""What can go wrong around a run: each is one sentence that names the thing and the cure."""

from __future__ import annotations


class CurriculumError(RuntimeError):
    """Nothing could be run; the command line prints the sentence and exits with 2."""


class UsageError(CurriculumError):
    """The command's words are off: an unknown notebook, theme or parameter."""


class CatalogueError(CurriculumError):
    """A notebook's header is incomplete or two notebooks share a name."""


class BuildFolderError(CurriculumError):
    """The build folder cannot be written, or another run is using it."""

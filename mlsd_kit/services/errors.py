"""What can go wrong with a service: one sentence that names it, the cure, and where its log is."""

from __future__ import annotations


class ServiceError(RuntimeError):
    """A service did not start, or died; the message is one sentence with the cure."""

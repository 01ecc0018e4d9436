"""Where a service listens."""

from __future__ import annotations

from mlsd_kit.services.process import Process


class Address(str):
    """A service's address: a plain string that also knows its process.

    Attributes
    ----------
    process : Process or None
        To kill, stop or restart it, at the same address; None if it is the user's own server.
    """

    process: Process | None

    def __new__(cls, text: str, process: Process | None = None) -> Address:
        """The address ``text``, served by ``process``."""
        address = super().__new__(cls, text)
        address.process = process
        return address

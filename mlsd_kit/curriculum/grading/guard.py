"""What a learner's process may not do: network, other processes, writing outside its folder.

An audit hook stays for the life of the process. It keeps honest mistakes harmless; the verdict
does not rest on it, since the judging process never runs the learner's code.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any

NETWORK = "uses the network"
PROCESSES = "starts or signals other processes"
WRITES = "writes outside its own folder"
PREFIXES = {
    "socket.": NETWORK,
    "urllib.": NETWORK,
    "http.": NETWORK,
    "ftplib.": NETWORK,
    "smtplib.": NETWORK,
    "subprocess.": PROCESSES,
    "os.fork": PROCESSES,
    "os.exec": PROCESSES,
    "os.spawn": PROCESSES,
    "os.posix_spawn": PROCESSES,
    "os.system": PROCESSES,
    "os.kill": PROCESSES,
    "os.startfile": PROCESSES,
    "pty.": PROCESSES,
    "signal.pthread_kill": PROCESSES,
}
CHANGES = {
    "os.remove", "os.rename", "os.rmdir", "os.mkdir", "os.link", "os.symlink", "os.truncate",
    "os.chmod", "os.chown", "os.utime", "shutil.rmtree", "shutil.move",
}  # fmt: skip


def install(folder: str) -> None:
    """Forbid, from now on and for good, what a learner's function has no need of."""
    sys.addaudithook(rules(folder))


def rules(folder: str) -> Callable[[str, tuple[Any, ...]], None]:
    """The audit hook for a process whose own folder is ``folder``."""
    prefixes = tuple(PREFIXES)
    reasons = dict(PREFIXES)
    changes = frozenset(CHANGES)
    home = os.path.realpath(folder)
    writing = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
    realpath, fsdecode, fspath, isdir = os.path.realpath, os.fsdecode, os.fspath, os.path.isdir

    def outside(path: Any) -> bool:
        if not isinstance(path, str | bytes | os.PathLike):
            return False
        real = realpath(fsdecode(fspath(path)))
        return real != home and not real.startswith(home + "/") and real != "/dev/null"

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            path, mode, flags = arguments
            if flags and flags & writing and outside(path):
                raise PermissionError(f"your code {WRITES}: {path}")
            # by a folder's descriptor files could be named that the path does not show
            if mode is None and outside(path) and isdir(path):
                raise PermissionError(f"your code opens a folder that is not its own: {path}")
        elif event == "sqlite3.connect":
            if arguments[0] not in (":memory:", "", b":memory:", b"") and outside(arguments[0]):
                raise PermissionError(f"your code {WRITES}: {arguments[0]}")
        elif event.startswith(prefixes):
            reason = next(reasons[start] for start in prefixes if event.startswith(start))
            raise PermissionError(f"your code {reason} ({event}), which an exercise must not do")
        elif event in changes and any(outside(path) for path in arguments[:2]):
            raise PermissionError(f"your code {WRITES}: {arguments[0]}")
        elif event == "ctypes.dlopen" and (
            not arguments[0] or str(arguments[0]).rpartition("/")[2].startswith("libc.")
        ):
            raise PermissionError("your code calls the C library, which an exercise must not do")

    return hook

"""Start one of PostgreSQL's programs: as another user if we are root, and after tidying up.

Run as a file of its own, ``_postgres.py USER DATA PROGRAM ARGUMENTS...``, with nothing but the
standard library. PostgreSQL refuses to run as root. Where its main process was killed, a session
that was busy lives on and would keep the data folder locked: such sessions are ended first.

``_postgres.py --after DATA`` waits until its parent is gone, then ends the sessions and removes the
folder around the data.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import pwd
import shutil
import signal
import sys
import time
from pathlib import Path

AFTER = "--after"
POLL = 0.3  # seconds between two looks at the parent
PR_SET_PDEATHSIG = 1


def main(user: str, data: str, command: list[str]) -> None:
    """Replace this process by ``command``, run by ``user``."""
    if os.geteuid() == 0:
        _become(user)
    end_sessions(data)
    os.execv(command[0], command)


def end_sessions(data: str) -> None:
    """Kill what still runs in a data folder (where the system tells, as Linux does)."""
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if str((process / "cwd").readlink()) == data and int(process.name) != os.getpid():
                os.kill(int(process.name), signal.SIGKILL)


def after(parent: int, data: str) -> None:
    """Wait until the parent is gone, then leave nothing behind."""
    while os.getppid() == parent:
        time.sleep(POLL)
    for _ in range(10):  # a server that is just ending may still write
        end_sessions(data)
        shutil.rmtree(Path(data).parent, ignore_errors=True)
        if not Path(data).parent.exists():
            return
        time.sleep(POLL)


def _become(user: str) -> None:
    """Give up root's privileges; the kernel then forgets with whom to end us: tell it again."""
    parent, account = os.getppid(), pwd.getpwnam(user)
    os.setgroups([])
    os.setgid(account.pw_gid)
    os.setuid(account.pw_uid)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it died before the line above
            os._exit(1)


if __name__ == "__main__":
    if sys.argv[1] == AFTER:
        after(os.getppid(), sys.argv[2])
    else:
        main(sys.argv[1], sys.argv[2], sys.argv[3:])

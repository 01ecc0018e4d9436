"""What the kernel itself refuses to a learner's process, where it can: Linux, Landlock and seccomp.

The audit hook of `guard` sees what Python does; this holds against what goes past Python, too: C
code, a file named relative to another folder's descriptor, a system call by its number. Both are
for good: a process cannot take them back, and what it starts inherits them.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import platform
import struct
import sys
from pathlib import Path
from typing import Any

LANDLOCK = {"create": 444, "add": 445, "restrict": 446}
"""System calls of these numbers on every architecture."""
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
CHANGES = sum(1 << bit for bit in range(4, 13))  # remove and make files of every kind
REFER, TRUNCATE = 1 << 13, 1 << 14
OTHERS_SOCKETS, OTHERS_SIGNALS = 1 << 0, 1 << 1
NO_NEW_PRIVILEGES, SET_SECCOMP, FILTER = 38, 22, 2

CLONE_THREAD = 0x10000
ALLOW, REFUSE, NO_SUCH_CALL = 0x7FFF0000, 0x50000 | errno.EPERM, 0x50000 | errno.ENOSYS
ARCHITECTURES: dict[str, tuple[int, int, tuple[int, ...]]] = {
    # audit number; clone; fork, vfork, execve, execveat, ptrace, process_vm_readv/writev, kill
    "x86_64": (0xC000003E, 56, (57, 58, 59, 322, 101, 310, 311, 62)),
    "aarch64": (0xC00000B7, 220, (221, 281, 117, 270, 271, 129)),
}
CLONE3 = 435


def confine(folder: str, libc: Any) -> None:
    """Take from this process, for good, what a learner's function has no need of.

    Writing outside ``folder``, starting programs and processes (threads stay), and looking into
    other processes. What this kernel does not offer is left to `guard`.
    """
    if sys.platform != "linux" or libc is None:
        return
    libc.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    with contextlib.suppress(OSError):
        _confine_files(folder, libc)
    _refuse_processes(libc)


def _confine_files(folder: str, libc: Any) -> None:
    version = libc.syscall(LANDLOCK["create"], None, ctypes.c_size_t(0), 1)
    if version < 1:
        return
    handled = EXECUTE | WRITE_FILE | READ_FILE | READ_DIR | CHANGES
    handled |= REFER if version >= 2 else 0
    handled |= TRUNCATE if version >= 3 else 0
    scoped = OTHERS_SOCKETS | OTHERS_SIGNALS
    rules = struct.pack("<QQQ", handled, 0, scoped) if version >= 6 else struct.pack("<Q", handled)
    ruleset = libc.syscall(LANDLOCK["create"], rules, ctypes.c_size_t(len(rules)), 0)
    if ruleset < 0:
        return
    reading = READ_FILE | READ_DIR
    # all but other processes' memory: files are public, and libraries read where they please
    for place in Path("/").iterdir():
        if place.name != "proc":
            _allow(libc, ruleset, place, reading)
    for path in ("/proc/self", "/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/proc/sys"):
        _allow(libc, ruleset, Path(path), reading)
    _allow(libc, ruleset, Path("/dev/null"), READ_FILE | WRITE_FILE)
    _allow(libc, ruleset, Path(folder), handled & ~EXECUTE)
    libc.syscall(LANDLOCK["restrict"], ruleset, 0)
    os.close(ruleset)


def _allow(libc: Any, ruleset: int, path: Path, access: int) -> None:
    try:
        place = os.open(path, os.O_PATH)
    except OSError:
        return
    if not path.is_dir():
        access &= EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE
    libc.syscall(LANDLOCK["add"], ruleset, 1, struct.pack("<Qi", access, place), 0)
    os.close(place)


def _refuse_processes(libc: Any) -> None:
    """A filter of system calls: no new process or program, no look into another one."""
    known = ARCHITECTURES.get(platform.machine())
    if known is None:
        return
    architecture, clone, refused = known
    load, equal, bits, end = 0x20, 0x15, 0x45, 0x06
    program = [
        (load, 0, 0, 4),  # the architecture: another one's numbers mean other calls
        (equal, 1, 0, architecture),
        (end, 0, 0, REFUSE),
        (load, 0, 0, 0),  # the number of the call
        (equal, 0, 1, CLONE3),
        (end, 0, 0, NO_SUCH_CALL),  # its flags lie in memory; libraries then use clone
        (equal, 0, 3, clone),
        (load, 0, 0, 16),  # its flags, the first argument
        (bits, 1, 0, CLONE_THREAD),
        (end, 0, 0, REFUSE),
        (load, 0, 0, 0),
    ]
    for number in refused:
        program += [(equal, 0, 1, number), (end, 0, 0, REFUSE)]
    program.append((end, 0, 0, ALLOW))
    code = ctypes.create_string_buffer(b"".join(struct.pack("<HBBI", *line) for line in program))
    filter_ = ctypes.create_string_buffer(
        struct.pack("<HxxxxxxQ", len(program), ctypes.addressof(code))
    )
    libc.prctl(SET_SECCOMP, FILTER, filter_, 0, 0)

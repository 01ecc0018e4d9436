"""Starts the kernel of one notebook: on this Python, in its own environment, plain or warm.

Loaded in the process that runs a notebook, not in the one that hands out work.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import select
import signal
import socket
from pathlib import Path
from typing import Any, ClassVar

import ipykernel
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from traitlets import Dict, Unicode, default

PATIENCE = 60.0  # seconds for the parent of warm kernels to finish its imports
LAUNCHER = "ipykernel_launcher"


class ForkedKernel:
    """A kernel forked by `warm_parent`, with the face of a `subprocess.Popen`.

    Raises
    ------
    OSError
        If the parent does not answer.
    """

    stdin = stdout = stderr = None

    def __init__(self, path: str, request: dict[str, Any]) -> None:
        self.returncode: int | None = None
        self._received = b""
        self._connection = socket.socket(socket.AF_UNIX)
        try:
            self._connection.settimeout(PATIENCE)
            self._connection.connect(path)
            self._connection.sendall(json.dumps(request).encode() + b"\n")
            while b"\n" not in self._received:
                self._receive()
        except OSError:
            self._connection.close()
            raise
        first, _, self._received = self._received.partition(b"\n")
        self.pid = int(first)

    def poll(self) -> int | None:
        """Its exit code, None while it runs; -9 if its parent is gone, for it went along."""
        while self.returncode is None:
            if self._received.endswith(b"\n"):  # it may have come along with the pid
                self._ended(int(self._received))
            elif not select.select([self._connection], [], [], 0)[0]:
                break
            else:
                try:
                    self._receive()
                except OSError:
                    self._ended(-signal.SIGKILL)
        return self.returncode

    def wait(self) -> int | None:
        """Wait until it has ended."""
        while self.poll() is None:
            select.select([self._connection], [], [])
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Signal it, unless it has ended: its pid may be another's by then."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)

    def _receive(self) -> None:
        data = self._connection.recv(100)
        if not data:
            raise ConnectionResetError("the parent of warm kernels is gone")
        self._received += data

    def _ended(self, code: int) -> None:
        self.returncode = code
        self._connection.close()


class WarmProvisioner(LocalProvisioner):
    """A local provisioner that asks for a forked kernel, and starts a plain one for want of it."""

    warm = Unicode(help="Where `warm_parent` listens; empty for plain kernels.")

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """Launch a kernel with a command."""
        if not self.warm or LAUNCHER not in cmd:
            return await super().launch_kernel(cmd, **kwargs)
        request = {
            "argv": [_launcher_file(), *cmd[cmd.index(LAUNCHER) + 1 :]],
            "cwd": str(kwargs.get("cwd") or Path.cwd()),
            "env": kwargs["env"],
        }
        try:
            kernel = ForkedKernel(self.warm, request)
        except OSError:
            return await super().launch_kernel(cmd, **kwargs)
        self.process: Any = kernel
        self.pid = self.pgid = kernel.pid
        self.cwd = request["cwd"]
        return self.connection_info

    async def wait(self) -> int | None:
        """Wait for the kernel's end; it is looked at more often than the base class does."""
        while await self.poll() is None:
            await asyncio.sleep(0.005)
        return await super().wait()

    async def send_signal(self, signum: int) -> None:
        """Signal the kernel's group, unless it has ended: its pid may be another's by then."""
        if self.process is not None and self.process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                await super().send_signal(signum)


class NotebookKernelManager(AsyncKernelManager):
    """Starts this Python's kernel, whatever kernels the user has installed beside it."""

    environment = Dict(help="Environment variables beside those of this process.").tag(config=True)
    warm = Unicode(help="Where `warm_parent` listens; empty for plain kernels.").tag(config=True)

    running: ClassVar[dict[str, NotebookKernelManager]] = {}
    """The managers of this process, by connection file."""

    @classmethod
    def kill(cls, connection_file: str) -> None:
        """End the kernel of that connection file at once, with its group; from any thread."""
        manager = cls.running.get(connection_file)
        if manager is None or manager.provisioner is None:
            return
        process = getattr(manager.provisioner, "process", None)
        if process is not None and process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)

    @default("kernel_spec_manager")
    def _kernel_spec_manager_default(self) -> KernelSpecManager:
        return KernelSpecManager(kernel_dirs=[])

    async def _async_cleanup_resources(self, restart: bool = False) -> None:
        self.running.pop(self.connection_file, None)
        await super()._async_cleanup_resources(restart)

    async def _async_wait(self, pollinterval: float = 0.005) -> None:
        await super()._async_wait(pollinterval)

    async def _async_pre_start_kernel(self, **kw: Any) -> Any:
        kw["env"] = {**os.environ, **self.environment}
        if self.provisioner is None:
            self.provisioner = WarmProvisioner(
                kernel_id=self.kernel_id or "", kernel_spec=self.kernel_spec, parent=self
            )
            self.provisioner.warm = self.warm
            self.running[self.connection_file] = self
        return await super()._async_pre_start_kernel(**kw)


def _launcher_file() -> str:
    """What ``sys.argv[0]`` is in a plain kernel."""
    return str(Path(ipykernel.__file__).parent.with_name(f"{LAUNCHER}.py"))

"""The two servers that are measured, the product and the empty page, each a process of its own."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.site import Browser


class Failed(Exception):
    """A page did not answer as it must, or a save did not save."""


class Server:
    """One of the two servers, as a process of its own."""

    def __init__(self, name: str, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self.base = f"http://127.0.0.1:{self.port}"
        command = [sys.executable, "-m", "benchmarks.site", name, str(folder), str(self.port)]
        self._process = subprocess.Popen(command)  # noqa: S603 (our own program)
        self._wait()

    def _wait(self) -> None:
        for _ in range(600):
            if self._process.poll() is not None:
                raise Failed("a server ended at its start; its message stands above")
            try:
                Browser(self.port).get("/")
            except OSError:  # nobody listens yet
                time.sleep(0.1)
            else:
                return
        raise Failed("a server did not start within a minute")

    def processor_seconds(self) -> float:
        """Return what the serving process has used so far; 0 where the system does not say it."""
        master = self._process.pid
        try:
            worker = Path(f"/proc/{master}/task/{master}/children").read_text().split()[0]
            fields = Path(f"/proc/{worker}/stat").read_text().rpartition(")")[2].split()
        except (OSError, IndexError):
            return 0.0
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self) -> None:
        """Stop the server."""
        self._process.terminate()
        self._process.wait(timeout=30)


@contextmanager
def servers(folder: Path) -> Iterator[tuple[Server, Server]]:
    """Serve the product and the empty page, and stop both at the end."""
    started: list[Server] = []
    try:
        for name in ("screener", "empty"):
            started.append(Server(name, folder))
        yield started[0], started[1]
    finally:
        for server in started:
            server.stop()

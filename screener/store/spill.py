"""Files for views that the audit log cannot take, in a folder on another volume.

This is about files alone; what stands in a line is made in `recording.py`. Lines are appended to
one open file. To take them out, the file is closed (renamed) first; a closed file is never written
again, and removed only when everything in it has a place elsewhere.
"""

import errno
import fcntl
import hashlib
import os
import secrets
import stat
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from screener.store.errors import SpillError

_OPEN = "views.spill"
_ASIDE = "unopened.spill"  # lines that no key opens; kept until one does
_CLOSED = "closed-"
_DRAINING = "draining.lock"
_LARGEST = 64 * 1024  # bytes: what one request can enter into the log without being slow
_PATIENCE = 2.0  # seconds for a lock that is held for one write
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT}


class Spill:
    """The folder of one database. Several processes and threads use it at once."""

    def __init__(self, folder: Path, *, private: bool) -> None:
        """Use a folder; `private`: others may write beside it, so it must be ours and closed."""
        self.folder = folder
        self._private = private

    @classmethod
    def at(cls, folder: Path | None, database: str) -> "Spill":
        """Return the chosen folder, or this database's own under /var/tmp.

        That outlasts a restart, is there on every system, and is seldom on the database's volume.
        """
        if folder is not None:
            return cls(folder.absolute(), private=False)
        lasting = Path("/var/tmp")  # noqa: S108 (the folder itself is checked to be ours)
        parent = lasting if lasting.is_dir() else Path(tempfile.gettempdir())
        digest = hashlib.sha256(database.encode()).hexdigest()[:12]
        return cls(parent / f"screener-audit-{digest}", private=True)

    def check(self) -> bool:
        """Write something to see that it works; False when there is no room just now.

        Raises SpillError that says why it cannot work. No room is what can pass, and a server
        that starts on a full disk must still show the queue.
        """
        probe = self.folder / f"probe-{secrets.token_hex(8)}"
        try:
            self._make()
            with os.fdopen(os.open(probe, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)) as file:
                try:
                    os.write(file.fileno(), b"probe\n")
                    os.fsync(file.fileno())
                finally:
                    probe.unlink()
        except OSError as error:
            if error.errno in _NO_ROOM:
                return False
            raise SpillError(
                f"SCREENER_AUDIT_SPILL: the folder {self.folder} cannot be written "
                f"({error.strerror}). Staff's views go there while the audit log cannot be "
                "written: name a folder on another volume than the database, for this account "
                "to write"
            ) from error
        return True

    def shares_volume(self, file: Path) -> bool:
        """Return whether a file lies on the same volume: when that is full, both are."""
        return self.folder.stat().st_dev == file.stat().st_dev

    def add(self, line: bytes) -> None:
        """Append a line, and return when it is on the disk. Raises OSError."""
        self._make()
        with self._locked(_OPEN) as file:
            size = self._append(file, line + b"\n")
            if size >= _LARGEST:
                self._close()

    def pending(self) -> bool:
        """Return whether views wait. Cheap: looks at names only."""
        return bool(self._waiting())

    def count(self) -> int:
        """Return how many lines wait."""
        return sum(len(lines_of(path)) for path in self._waiting())

    @contextmanager
    def draining(self) -> Iterator[bool]:
        """Be the only one that takes lines out; False when somebody else does already."""
        file = self._file(_DRAINING)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
        finally:
            os.close(file)

    def closed(self) -> list[Path]:
        """Close the open file and return every closed one, the oldest first."""
        if (self.folder / _OPEN).exists():
            with self._locked(_OPEN) as file:
                if os.fstat(file).st_size:
                    self._close()
        return [path for path in self._waiting() if path.name.startswith(_CLOSED)]

    def done(self, path: Path) -> None:
        """Remove a closed file."""
        path.unlink(missing_ok=True)
        self._settle()

    def set_aside(self, lines: Iterable[bytes]) -> None:
        """Keep lines that do not open, each once."""
        with self._locked(_ASIDE) as file:
            kept = set(self.aside())
            for line in lines:
                if line not in kept:
                    kept.add(line)
                    self._append(file, line + b"\n")

    def aside(self) -> list[bytes]:
        """Return the lines that did not open."""
        return lines_of(self.aside_file)

    @property
    def aside_file(self) -> Path:
        """Return the file of the lines that did not open."""
        return self.folder / _ASIDE

    def try_again(self) -> None:
        """Let the lines that did not open wait again: their key may be listed now."""
        if self.aside_file.exists():
            with self._locked(_ASIDE):
                self._close(_ASIDE)

    def _make(self) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not self._private:
            return
        folder = os.lstat(self.folder)
        ours = folder.st_uid == os.geteuid() or os.geteuid() == 0
        if not stat.S_ISDIR(folder.st_mode) or not ours or folder.st_mode & 0o022:
            # /var/tmp is everybody's: somebody else may have made a folder of this name.
            raise PermissionError(errno.EPERM, "it is not this account's alone", str(self.folder))

    def _waiting(self) -> list[Path]:
        try:
            with os.scandir(self.folder) as entries:
                names = sorted(
                    entry.name
                    for entry in entries
                    if entry.name.startswith(_CLOSED)
                    or (entry.name == _OPEN and entry.stat(follow_symlinks=False).st_size)
                )
        except OSError:  # nothing was ever put there
            return []
        return [self.folder / name for name in names]

    @contextmanager
    def _locked(self, name: str) -> Iterator[int]:
        """Open a file and be the only one that writes to it."""
        while True:
            file = self._file(name)
            try:
                _lock(file)
                if self._is(file, name):  # else it was closed while we waited
                    yield file
                    return
            finally:
                os.close(file)

    def _file(self, name: str) -> int:
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        file = os.open(self.folder / name, flags, 0o600)
        if os.geteuid() == 0:  # a command run by root must not shut out the service's account
            owner = os.stat(self.folder)
            os.fchown(file, owner.st_uid, owner.st_gid)
        return file

    def _is(self, file: int, name: str) -> bool:
        try:
            return os.path.samestat(os.fstat(file), os.stat(self.folder / name))
        except FileNotFoundError:
            return False

    def _append(self, file: int, line: bytes) -> int:
        """Append in one write, all or nothing, and return the size of the file then."""
        size = os.fstat(file).st_size
        if size and os.pread(file, 1, size - 1) != b"\n":
            line = b"\n" + line  # a line that was cut off by a crash stays one of its own
        try:
            if os.write(file, line) < len(line):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            os.fsync(file)
        except OSError:
            with suppress(OSError):
                os.ftruncate(file, size)
            raise
        if not size:
            self._settle()
        return size + len(line)

    def _close(self, name: str = _OPEN) -> None:
        """Rename a locked file, so that nobody writes to it any more."""
        closed = f"{_CLOSED}{time.time_ns():020d}-{secrets.token_hex(4)}"
        os.rename(self.folder / name, self.folder / closed)
        self._settle()

    def _settle(self) -> None:
        folder = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def lines_of(path: Path) -> list[bytes]:
    """Return the lines of a file; none when it is not there."""
    try:
        return [line for line in path.read_bytes().split(b"\n") if line]
    except FileNotFoundError:
        return []


def _lock(file: int) -> None:
    until = time.monotonic() + _PATIENCE
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() > until:
                raise
            time.sleep(0.005)

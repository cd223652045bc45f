"""The files in an archive, one after the other in memory: nothing of it is written anywhere.

Whoever sends a support bundle decides what is in it, so sizes and counts have limits, names are
only shown, and links and devices are passed over.
"""

from __future__ import annotations

import stat
from collections.abc import Iterator
from typing import IO, TYPE_CHECKING, Any

from statusbot.errors import UsageError

if TYPE_CHECKING:
    from tarfile import TarFile, TarInfo
    from zipfile import ZipFile, ZipInfo

ARCHIVES = (".tar.gz", ".tgz", ".tar", ".zip")

MAX_ENTRIES = 100_000
# One file that is read, and all that is unpacked on the way to the last, in bytes.
MAX_FILE = 128 << 20
MAX_ALL = 4 << 30
# What may stand between two files of a tar: headers, which may be long, too.
MAX_HEADER = 1 << 20
# Headers for all files that follow; they stay in memory.
MAX_GLOBALS = 1000

_BLOCK = 1 << 20
_GZIP = b"\x1f\x8b"
_ZIP = b"PK"


class _TooMuch(Exception):
    """A limit; the message says which."""


def is_archive(path: str) -> bool:
    """Whether the name says so."""
    return path.lower().endswith(ARCHIVES)


def members(path: str, suffixes: tuple[str, ...]) -> Iterator[tuple[str, bytes]]:
    """Name and data of each file whose name ends so, in their order.

    ``UsageError`` for what is broken or too large: half a bundle would look like half a cluster.
    """
    try:
        with open(path, "rb") as file:
            yield from _members(file, suffixes)
    except _TooMuch as limit:
        todo = "unpack it, and name the folder or the files"
        raise UsageError(f"this archive holds {limit}", where=path, todo=todo) from None
    except OSError as error:
        # zlib and gzip raise OSErrors of their own, which have no number.
        if error.errno is None:
            raise _broken(path) from None
        raise UsageError(f"cannot read this file: {error.strerror}", where=path) from None
    except Exception:
        # A broken archive finds a dozen exceptions in tarfile and zipfile: struct.error,
        # zlib.error, EOFError, KeyError, RecursionError, RuntimeError for a password, ...
        raise _broken(path) from None


def _broken(path: str) -> UsageError:
    todo = "is it all there, and without a password?"
    return UsageError("cannot read this archive", where=path, todo=todo)


def _members(file: IO[bytes], suffixes: tuple[str, ...]) -> Iterator[tuple[str, bytes]]:
    # Browsers unpack the gzip and keep the name.
    start = file.read(2)
    file.seek(0)
    if start == _ZIP:
        import zipfile

        with zipfile.ZipFile(file) as archive:
            yield from _zipped(archive, suffixes)
    elif start == _GZIP:
        import gzip

        with gzip.GzipFile(fileobj=file) as unpacked:
            yield from _tarred(_Bounded(unpacked), suffixes)
    else:
        yield from _tarred(_Bounded(file), suffixes)


class _Bounded:
    """A stream of which ``tarfile`` may read as much as it is allowed, and no more."""

    def __init__(self, file: Any) -> None:
        self._file = file
        self._allowed = 0
        self.last = b""

    def allow(self, size: int) -> None:
        self._allowed = size

    def read(self, size: int) -> bytes:
        if size > self._allowed:
            raise _TooMuch(f"a header of more than {MAX_HEADER >> 20} MiB")
        self._allowed -= size
        self.last = self._file.read(size)
        return self.last

    def seek(self, position: int) -> None:
        _check_all(position)
        self._file.seek(position)

    def tell(self) -> int:
        position: int = self._file.tell()
        return position

    def check_rest(self) -> None:
        """The checksum of a gzip file is at its end, where ``tarfile`` does not go."""
        while self._file.read(_BLOCK):
            _check_all(self._file.tell())


def _tarred(stream: _Bounded, suffixes: tuple[str, ...]) -> Iterator[tuple[str, bytes]]:
    import tarfile

    stream.allow(MAX_HEADER)
    with tarfile.open(fileobj=stream, mode="r:") as archive:  # type: ignore[call-overload]
        for count, member in enumerate(_headers(archive, stream)):
            _check_count(count + 1)
            if member.isreg() and not member.issparse() and member.name.endswith(suffixes):
                _check_size(member.size)
                stream.allow(member.size)
                yield member.name, _tar_data(archive, member)


def _headers(archive: TarFile, stream: _Bounded) -> Iterator[TarInfo]:
    while True:
        stream.allow(MAX_HEADER)
        member = archive.next()
        if member is None:
            # A header that is broken, or cut, ends it as well as the empty one at the end.
            if stream.last.strip(b"\0"):
                raise EOFError
            stream.check_rest()
            return
        if len(archive.pax_headers) > MAX_GLOBALS:
            raise _TooMuch(f"more than {MAX_GLOBALS} global headers")
        yield member
        archive.members = []  # type: ignore[attr-defined]  # it keeps all


def _tar_data(archive: TarFile, member: TarInfo) -> bytes:
    # It raises where it ends too early.
    file = archive.extractfile(member)
    return b"" if file is None else file.read(member.size)


def _zipped(archive: ZipFile, suffixes: tuple[str, ...]) -> Iterator[tuple[str, bytes]]:
    _check_count(len(archive.infolist()))
    wanted = [
        entry
        for entry in archive.infolist()
        if _is_file(entry) and entry.filename.endswith(suffixes)
    ]
    _check_all(sum(entry.file_size for entry in wanted))
    for entry in wanted:
        _check_size(entry.file_size)
        yield entry.filename, _zip_data(archive, entry)


def _zip_data(archive: ZipFile, entry: ZipInfo) -> bytes:
    import zipfile

    # The others unpack all that they are given at once.
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise zipfile.BadZipFile
    # It reads no more than file_size, and compares the checksum there.
    with archive.open(entry) as file:
        return file.read(entry.file_size)


def _is_file(entry: ZipInfo) -> bool:
    # What was packed on Windows has no mode.
    return stat.S_IFMT(entry.external_attr >> 16) in (0, stat.S_IFREG)


def _check_count(count: int) -> None:
    if count > MAX_ENTRIES:
        raise _TooMuch(f"more than {MAX_ENTRIES} files")


def _check_size(size: int) -> None:
    if size > MAX_FILE:
        raise _TooMuch(f"a file of more than {MAX_FILE >> 20} MiB")


def _check_all(size: int) -> None:
    if size > MAX_ALL:
        raise _TooMuch(f"more than {MAX_ALL >> 20} MiB")

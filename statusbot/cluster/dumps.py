"""From what ``--from`` names to documents: files, folders, archives, standard input.

A file that was named is meant. Folders and archives hold other things as well, a support bundle
mostly so: what has nothing of Flux in it is left alone there, whatever it is.

troubleshoot.sh writes the objects of each custom resource of a namespace as one array, to
``cluster-resources/custom-resources/<plural>.<group>/<namespace>.yaml`` and ``.json``
(``pkg/collect/cluster_resources.go``); in later versions the one is a link to the other. It
collects no Secret as an object, and hides logins in URLs as ``***HIDDEN***``
(``pkg/collect/secret.go``, ``pkg/redact/redact.go``).
"""

from __future__ import annotations

import codecs
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from statusbot.cluster.archives import is_archive, members
from statusbot.errors import UsageError
from statusbot.text import cut, printable

if TYPE_CHECKING:
    from statusbot.manifests.document import Document
    from statusbot.manifests.invalid import Invalid

SUFFIXES = (".yaml", ".yml", ".json")
STDIN = "-"
BUNDLED = "/cluster-resources/custom-resources/"

# Without one of these words there is no object in it that statusbot reads, and parsing the rest of
# a bundle takes long ...
_MENTIONED = re.compile(rb"toolkit\.fluxcd\.io|Secret|ConfigMap|Event")
# ... and here is one, so that a fault in the file may have cost an object.
_OBJECT = re.compile(
    rb"apiVersion\W{1,9}[a-z]+\.toolkit\.fluxcd\.io/|kind\W{1,9}(?:Secret|Event)(?:List)?\b"
)
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def documents(path: str) -> Iterator[Document | Invalid]:
    """All of a file, of what is below a folder or in an archive, or of standard input (``-``).

    ``UsageError`` for what cannot be read, for what is named and empty, and where no file is.
    """
    from statusbot.manifests.document import read_documents

    if path == STDIN:
        yield from read_documents(_some(sys.stdin.buffer.read(), "stdin"), "stdin")
    elif Path(path).is_dir():
        for file in _below(Path(path)):
            yield from _found(_read(file), str(file))
    elif is_archive(path):
        yield from _archived(path)
    else:
        yield from read_documents(_some(_read(Path(path)), path), path)


def _archived(path: str) -> Iterator[Document | Invalid]:
    empty = True
    for name, data in members(path, SUFFIXES):
        empty = False
        yield from _found(data, f"{path}/{cut(printable(name), 200)}")
    if empty:
        raise _nothing(path)


def _found(data: bytes, source: str) -> Iterator[Document | Invalid]:
    """What a file holds that nobody named."""
    from statusbot.manifests.document import Document, read_documents

    plain = data.replace(b"\0", b"") if data.startswith(_UTF16) else data
    if not _MENTIONED.search(plain):
        return
    meant = bool(_OBJECT.search(plain))
    for item in read_documents(data, source):
        if meant or isinstance(item, Document):
            yield item


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise UsageError(f"cannot read this file: {error.strerror}", where=str(file)) from None


def _some(data: bytes, where: str) -> bytes:
    """A ``kubectl get`` that failed leaves nothing, which must not look like a cluster at peace."""
    if data.strip():
        return data
    raise UsageError("it is empty", where=where, todo="did the command that wrote it fail?")


def _below(folder: Path) -> Sequence[Path]:
    named = (file for file in folder.rglob("*") if file.suffix in SUFFIXES and file.is_file())
    # A link and what it leads to are one file.
    found = {file.resolve(): file for file in sorted(named, reverse=True)}
    if not found:
        raise _nothing(str(folder))
    return sorted(found.values())


def _nothing(where: str) -> UsageError:
    return UsageError(f"there is no {', '.join(SUFFIXES)} file in it", where=where)

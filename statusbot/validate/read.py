"""From files to objects: what is broken is found, what is none of our business is left."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from statusbot.cluster.kinds import CONFIG_MAP, EVENT, SECRET, by_name
from statusbot.cluster.objects import fault
from statusbot.manifests.document import Document, Invalid, read_documents
from statusbot.manifests.invalid import identity
from statusbot.results.loose import mapping, text
from statusbot.validate import templated
from statusbot.validate.files import File, files
from statusbot.validate.finding import Position, Subject
from statusbot.validate.given import SECRET_MAKERS, Given, Settings
from statusbot.validate.patches import Patched, is_patch
from statusbot.validate.rule import Hit, Item
from statusbot.validate.rules import schema

_UNREAD = (CONFIG_MAP, EVENT)


@dataclass(slots=True)
class Read:
    """What the files hold: the objects, what is wrong with them alone, and how many there are."""

    given: Given
    hits: list[Hit] = field(default_factory=list)
    files: dict[str, None] = field(default_factory=dict)  # their names, in order
    documents: int = 0
    checked: int = 0  # documents of kinds that statusbot reads


def read(paths: Iterable[str], settings: Settings) -> Read:
    """Everything that can be read. Raises UsageError for a path that cannot."""
    found, patched = Read(Given(settings)), Patched()
    documents: list[tuple[Document | Invalid, File]] = []
    for file in files(paths):
        found.files[file.name] = None
        if is_patch(file.path):
            why = "a kustomization.yaml merges it into other objects"
            found.hits.append(schema.left(Position(file.name), Subject(), why))
            continue
        for document in read_documents(file.data, file.name):
            if isinstance(document, Document):
                patched.note(document.data, file.path)
            documents.append((document, file))
    found.documents = len(documents)
    for document, file in documents:
        found.hits += _taken(document, file, found, patched)
    return found


def _taken(
    document: Document | Invalid, file: File, found: Read, patched: Patched
) -> Iterator[Hit]:
    if isinstance(document, Invalid):
        yield _broken(document, file)
        return
    item = _item(document, file, found.given)
    if isinstance(item, str):
        subject = Subject(*identity(document.data))
        yield schema.left(_at(document), subject, item)
        return
    found.checked += 1
    if patched(item.subject.kind, item.subject.name):
        # What is missing here may be in the patch.
        found.given.know(item)
        yield schema.patched(item)
    elif why := fault(document.data):
        if item.settled:
            yield schema.nameless(item, why)
    else:
        invalid = found.given.add(item)
        yield from schema.check(item, invalid)


def _broken(invalid: Invalid, file: File) -> Hit:
    where = Position(invalid.source, invalid.line, invalid.column)
    if invalid.message == "is no object":
        return schema.left(where, Subject(), "it is no object of Kubernetes")
    if file.may_be_open and templated.is_template_at(file.lines, invalid.line):
        return schema.left(where, Subject(), "it is a template")
    return schema.unreadable(where, invalid)


def _at(document: Document) -> Position:
    # Nobody is told of the line of what is left out before he asks; finding it is dear.
    return Position(document.source)


def _item(document: Document, file: File, given: Given) -> Item | str:
    """The document as an object, or why it is not looked at."""
    data = document.data
    group = text(data.get("apiVersion")).rpartition("/")[0]
    kind = by_name(document.kind)
    if kind is None or kind.group != group or kind in _UNREAD:
        _note_secret(data, given)
        return "statusbot does not read this kind"
    if kind == SECRET and templated.is_encrypted(data):
        settled = False
    else:
        settled = not (file.may_be_open and templated.holds_open(data))
    _, namespace, name = identity(data)
    subject = Subject(kind.kind, namespace or given.settings.namespace, name)
    return Item(document, kind, subject, homeless=not namespace, settled=settled)


def _note_secret(data: Any, given: Given) -> None:
    """What makes a Secret of a name, so that this one is not missed."""
    if text(data.get("kind")) in SECRET_MAKERS:
        name = text(mapping(mapping(data.get("spec")).get("target")).get("name"))
        given.made_secrets.add(name or identity(data)[2])

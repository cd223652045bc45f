"""What the histories of all forges have in common: an adapter says only what is its own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from statusbot.forges import refusal
from statusbot.forges.base import Answer, Request
from statusbot.forges.graph import CommitMeaning, Failure, Known, Listed, ListMeaning, Unknown
from statusbot.forges.words import sentence

_FULL = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


class UsualGraph:
    """The part of ``Graph`` that is alike; it holds nothing.

    ``needs`` is the right that a login must have. ``sha`` and ``parents`` are the names of a
    commit's fields, ``page`` that of the list on a page of it, where a list is not bare.
    """

    needs: ClassVar[str]
    sha: ClassVar[str] = "sha"
    parents: ClassVar[str] = "parents"
    page: ClassVar[str] = ""
    headers: ClassVar[Mapping[str, str]] = {"Accept": "application/json"}

    def get(self, url: str) -> Request:
        """A read."""
        return Request("GET", url, None, self.headers)

    def commit_meaning(self, answer: Answer, sha: str) -> CommitMeaning:
        """Only a commit that begins as it was asked for is that commit."""
        value = answer.json()
        found = full(value.get(self.sha)) if isinstance(value, dict) else ""
        if answer.status != 200 or not found:
            return self.failure(answer)
        if not found.startswith(sha):
            # A branch or a tag may be called like a short SHA.
            return Unknown(sentence(f"{sha} is no commit there, but the name of {found[:8]}"))
        return Known(found)

    def newest_meaning(self, answer: Answer) -> ListMeaning:
        """A list, with parents where the forge tells them."""
        items = self.items(answer)
        return self.failure(answer) if items is None else Listed(self.known(items))

    def items(self, answer: Answer) -> list[Any] | None:
        """What a list holds, on a page or bare; None for what is none."""
        value = answer.json()
        items = value.get(self.page) if isinstance(value, dict) else value
        return items if answer.status == 200 and isinstance(items, list) else None

    def known(self, items: list[Any]) -> tuple[Known, ...]:
        """The commits of a list; what is no commit is left out. Parents may be bare SHAs."""
        made = []
        for item in items:
            if not isinstance(item, dict) or not (name := full(item.get(self.sha))):
                continue
            told = item.get(self.parents)
            values = told if isinstance(told, list) else []
            texts = (value.get(self.sha) if isinstance(value, dict) else value for value in values)
            made.append(Known(name, tuple(text for text in map(full, texts) if text)))
        return tuple(made)

    def failure(self, answer: Answer) -> Failure:
        """The meaning of an answer that is not what was hoped for, where no words tell more."""
        if answer.status in (400, 413, 422):
            return refusal.no(refusal.told("the forge does not answer this", answer), "commit")
        return refusal.refusal(answer, self.needs)


def full(value: Any) -> str:
    """A full SHA in lower case, or ``""`` for anything else."""
    text = value.lower() if isinstance(value, str) else ""
    return text if _FULL.fullmatch(text) else ""


def unknown(answer: Answer) -> Unknown:
    """The forge's words for a commit that is not there."""
    return Unknown(sentence(refusal.told(refusal.NO_COMMIT, answer)))

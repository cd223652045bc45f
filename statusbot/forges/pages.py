"""The next page of a list.

A ``Link`` header only says whether there is one: its address is not used. Gitea makes it from its
own ROOT_URL, which need not be the address that we reach it by, and GitHub from numeric ids; and a
hostile one would send our login elsewhere. Pages are numbered, so the next one is ours plus one.
"""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

from statusbot.errors import StatusbotError
from statusbot.forges.base import Answer

MOST_PAGES = 1000
# No list is as long as more digits would say, and Python refuses to read thousands of them.
_NUMBER = re.compile(r"[0-9]{1,15}")
_NEXT = re.compile(r"""<[^>]*>[^,<]*;\s*rel\s*=\s*"?next"?""", re.IGNORECASE)


def next_page(answer: Answer, rows: int, total: int | None) -> str | None:
    """The address of the page after ``answer``, which held ``rows`` of ``total`` rows; or None."""
    parts = urlsplit(answer.url)
    query = parse_qs(parts.query, keep_blank_values=True)
    page = number(query.get("page", [""])[0]) or 1
    if not rows or not _more(answer, page * rows, total):
        return None
    if page >= MOST_PAGES:
        raise StatusbotError(f"the list has more than {MOST_PAGES} pages", where=parts.netloc)
    query["page"] = [str(page + 1)]
    return urlunsplit(parts._replace(query=urlencode(query, doseq=True)))


def number(text: str) -> int | None:
    """A number as a forge may write it into an address or a header; None for anything else."""
    return int(text) if _NUMBER.fullmatch(text) else None


def _more(answer: Answer, seen: int, total: int | None) -> bool:
    link = answer.headers.get("link")
    if link:
        return _NEXT.search(link) is not None
    # Some proxies drop the header. Without a total only an empty page is surely the last one.
    return total is None or seen < total

"""What the forge may show of each commit, and what it must, told by the story alone.

None of statusbot's rules is used here: only which commit ended how in which object, and what of it
a poll could read. Failure and error are one colour.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from tests.support.chaos import Kept
from tests.support.doubles import Copy, Doubles
from tests.support.ends import End
from tests.support.extras import Extras
from tests.support.leave import Leave
from tests.support.tape import Tape, View

Place = tuple[str, str, str]  # path, commit and repository
# Without a poll that told it before, so much of the past is told (``--since``); a little less is
# asked for, since instants are cut to whole seconds.
PAST = 3600.0 - 2
COLOUR = {"success": "green", "failure": "red", "error": "red", "pending": "yellow"}


@dataclass
class Judge:
    """One cluster, its repositories (URL by the id of contexts) and one bot.

    ``seen``, ``posted`` and ``owed`` are numbers of ends: what the poll under way has read, what
    a repository was given, and what a ledger remembers. An older end may not follow. ``stale`` is what
    the forge was given since the copy of the ledger that is used was made.
    """

    tape: Tape
    ends: list[End]
    repositories: dict[str, str]
    keeps: bool
    rows: dict[tuple[str, str, str], list[Kept]] = field(default_factory=dict)
    read: list[View] = field(default_factory=list)
    seen: dict[Place, End] = field(default_factory=dict)
    told: list[End] = field(default_factory=list)  # by the poll under way, if nothing is in its way
    posted: dict[tuple[str, str, str, str], int] = field(default_factory=dict)  # and by context
    owed: dict[Place, int] = field(default_factory=dict)
    due: dict[Place, End] = field(default_factory=dict)
    paths: set[str] = field(default_factory=set)  # all that ever were
    sources: dict[str, str] = field(default_factory=dict)  # their URLs, as the poll read them
    urls: dict[str, str] = field(default_factory=dict)  # of the sources of paths, as last read
    moved: dict[str, float] = field(default_factory=dict)  # paths to when another was read
    lost: set[Place] = field(default_factory=set)  # to a namesake
    stale: set[Place] = field(default_factory=set)
    since: float | None = None  # when a ledger last took note of all
    wrong: list[str] = field(default_factory=list)
    extras: Extras = field(default_factory=Extras)
    takes: Callable[[View], bool] = lambda view: True  # whether the run is about an object
    doubles: Doubles = field(default_factory=Doubles)

    def __post_init__(self) -> None:
        self.leave = Leave(self.tape, self.ends)

    # -- a poll -------------------------------------------------------------------------------

    def look(self, kind: str) -> None:
        """The poll reads all of a kind now."""
        if kind == "GitRepository":
            self.sources = self.tape.urls()
        if kind != "Kustomization":
            return
        self.read = self._views()
        self.paths |= {view.path for view in self.read}
        self.seen = {}
        for view in filter(self.takes, self.read):
            self._note_url(view)
            for end in self._of_its_source(view):
                place = (end.path, end.commit, end.repository)
                if self.seen.setdefault(place, end).number < end.number:
                    self.seen[place] = end
        self.told = list(self._due())
        self.leave.note(self.read)

    def settle(self, at: float, *, complete: bool, saved: bool) -> None:
        """The poll is over. ``complete``: nothing was in its way; ``saved``: the ledger has it."""
        if complete or (saved and self.keeps):
            for end in filter(self._stays, self.told):
                place = (end.path, end.commit, end.repository)
                if place not in self.due or self.due[place].number < end.number:
                    self.due[place] = end
        if saved and self.keeps:
            self.since = at
            self.leave.greens |= set(self.seen.values())
            for end in filter(self._stays, self.seen.values()):
                place = (end.path, end.commit, end.repository)
                self.owed[place] = max(self.owed.get(place, 0), end.number)
        self.leave.note(self.read)
        self.seen = {}

    def _stays(self, end: End) -> bool:
        """An error is of the commit that the source has, when that is read again too."""
        views = [view for view in self.read if view.path == end.path]
        return end.state != "error" or any(
            end.commit in self.tape.revision(v.source) for v in views
        )

    def _views(self) -> list[View]:
        return list(self.tape.views.values())

    def _note_url(self, view: View) -> None:
        here = self.sources.get(view.source) or self.tape.url(view.source)
        before = self.urls.get(view.path, "")
        if self.keeps and here and before and here != before:
            self.moved[view.path] = self.tape.at
        for place in list(self.due) if here else ():
            # Known: what could not be posted to another repository is forgotten now.
            if place[0] == view.path and place[2] != here and not self._is_shown(place):
                del self.due[place]
        self.urls[view.path] = here or before

    def _due(self) -> Iterator[End]:
        since = self.tape.at - PAST if self.since is None else self.since
        for view in filter(self.takes, self.read):
            here = self.tape.url(view.source)
            if self.sources.get(view.source, "") != here:
                continue
            for end in self._told_by(view, since):
                here_now = end.commit in self.tape.revision(view.source)
                is_here = end is view.standing and here_now and self._is_told(view, end)
                late = end.at > self.moved.get(view.path, 0.0)
                if here in ("", end.repository) and (late or is_here):
                    yield end

    def _of_its_source(self, view: View) -> Iterator[End]:
        """What an object tells is taken for its source's: it does not say which it had then."""
        here = self.tape.url(view.source)
        yield from (end for end in self._told_by(view) if here in ("", end.repository))

    def _told_by(self, view: View, since: float = 0.0) -> Iterator[End]:
        """What a reader can know of an object."""
        yield from (end for end in view.past if end.at >= since)
        if view.standing and self._is_told(view, view.standing):
            yield view.standing

    def _is_told(self, view: View, standing: End) -> bool:
        """Whether a reader can know which commit the conditions are about."""
        if standing.state == "success":
            return view.settled
        here = standing.commit in self.tape.revision(view.source)
        return standing.state != "error" or (here and view.settled)

    def forget(self) -> None:
        """The ledger is gone: what is not on the forge and not in the cluster nobody knows."""
        self.owed, self.urls, self.since, self.doubles.known = {}, {}, None, {}
        self.forget_what_is_not_there()

    def forget_what_is_not_there(self) -> None:
        """What is due, and the forge does not show as of that end, nobody knows any more."""
        for place in [place for place in self.due if not self._is_told_there(place)]:
            del self.due[place]

    def remembered(self) -> Copy:
        """What a copy of the ledger holds now."""
        rows = sum(map(len, self.rows.values()))
        return Copy(dict(self.owed), dict(self.urls), rows, dict(self.doubles.known))

    def remember(self, copy: Copy) -> None:
        """An old copy of the ledger is there again."""
        self.forget()
        self.owed, self.urls, self.leave.restored = dict(copy.owed), dict(copy.urls), True
        self.doubles.known = dict(copy.known)
        self.stale |= {
            (path, row.commit, repository)
            for (repository, _, context), kept in self.rows.items()
            for row in kept
            for path in self._paths(context)
            if row.id > copy.rows
        }

    def compared(self) -> None:
        """What the conditions tell was compared with the forge again."""
        for end in self.told:
            self.stale.discard((end.path, end.commit, end.repository))

    # -- the forge ----------------------------------------------------------------------------

    def put(self, repository: str, row: Kept) -> None:
        """The bot wrote a row."""
        kept = self.rows.setdefault((repository, row.commit, row.context), [])
        earlier = kept[-1] if kept else None
        paths = self._paths(row.context)
        uids = frozenset(view.uid for view in self.read if view.path in paths)
        if self.doubles.add(row, earlier, uids):
            self.wrong.append(f"doubled: {self._told(row)}")
        kept.append(row)
        if self.extras.has(row):
            if self.extras.hides(row, earlier):
                self.wrong.append(f"over an end: {self._told(row)}")
            return
        ends = {path: self._end_of(path, repository, row) for path in paths}
        true = [end for end in ends.values() if end is not None]
        self.leave.note(self.read)
        bounds = {path: self._bound(path, repository, row) for path in ends}
        vain = [path for path in ends if self.leave.in_vain(path, row, bounds[path])]
        if len(true) == 1 and not vain:
            self.posted[true[0].path, row.commit, repository, row.context] = true[0].number
            self.leave.greens |= {true[0]}
        self._let_go(vain, repository, row.commit)
        if not self.keeps and earlier:
            self._forget_what_was_there(true, repository, earlier)
        if not true and not vain:
            self.wrong.append(f"false: {self._told(row)}; {self._truth(row)}")
        self._take_over(ends, {end.path for end in true}, repository, row.commit)

    def _let_go(self, paths: list[str], repository: str, commit: str) -> None:
        """What Flux cannot get now says nothing of what it was: that is not due any more."""
        for path in paths:
            self.due.pop((path, commit, repository), None)
            self.told = [end for end in self.told if (end.path, end.commit) != (path, commit)]

    def _forget_what_was_there(self, true: list[End], repository: str, earlier: Kept) -> None:
        """Without a ledger nobody knows of an end that the forge showed already when it came."""
        for end in true:
            place = (end.path, end.commit, repository)
            due = self.due.get(place, end)
            if due.number > end.number and COLOUR[due.state] == COLOUR[earlier.state]:
                del self.due[place]

    def _take_over(
        self, paths: Iterable[str], true: set[str], repository: str, commit: str
    ) -> None:
        """A namesake that leads to another repository now has lost this context to another one."""
        here = {view.path for view in self.read if self.tape.url(view.source) == repository}
        for path in paths:
            if path not in true and path not in here:
                self.lost.add((path, commit, repository))

    def _paths(self, context: str) -> set[str]:
        parts = context.split("/")[1:-1]
        known = self.paths if context != self.extras.aggregate else set()
        if len(parts) == 2:
            return {"/".join(parts)} & known
        return {path for path in known if path.split("/")[1] == parts[0]}

    def _bound(self, path: str, repository: str, row: Kept) -> int:
        """The number of the end than which nothing older may come."""
        newest = self.seen.get((path, row.commit, repository))
        posted = self.posted.get((path, row.commit, repository, row.context), 0)
        owed = self.owed.get((path, row.commit, repository), 0)
        return max(posted, owed, newest.number if newest and self._stays(newest) else 0)

    def _end_of(self, path: str, repository: str, row: Kept) -> End | None:
        """The oldest end that the row can mean; None where it is false or too old."""
        bound = self._bound(path, repository, row)
        later = (end for end in self._ends(path, row.commit) if end.number >= bound)
        return next((end for end in later if COLOUR[end.state] == COLOUR[row.state]), None)

    def missing(self) -> list[str]:
        """What is due, and not shown."""
        return [
            f"missing at {self.tape.at:.1f}: {end} is not on {place[2]}"
            for place, end in self.due.items()
            if place not in self.stale | self.lost and not self._is_shown(place)
        ]

    def _is_shown(self, place: Place) -> bool:
        path, commit, repository = place
        due = self.due[place].number
        good = {COLOUR[end.state] for end in self._ends(path, commit) if end.number >= due}
        namespace, name = path.split("/")
        for id_, url in self.repositories.items():
            for middle in (name, f"{namespace}/{name}"):
                rows = self.rows.get((url, commit, f"kustomization/{middle}/{id_}"))
                if url == repository and rows and COLOUR[rows[-1].state] in good:
                    return True
        return False

    def _is_told_there(self, place: Place) -> bool:
        """Whether it is shown, and not only in the colour of an end before another colour's."""
        due = self.due[place]
        given = max((n for where, n in self.posted.items() if where[:3] == place), default=0)
        since = [end for end in self._ends(*place[:2]) if given <= end.number < due.number]
        return self._is_shown(place) and all(COLOUR[e.state] == COLOUR[due.state] for e in since)

    def _ends(self, path: str, commit: str) -> list[End]:
        return [
            end
            for end in self.ends
            if (end.path, end.commit) == (path, commit) and end.at <= self.tape.at
        ]

    def _told(self, row: Kept) -> str:
        return f"{row.state} on {row.commit[:4]} as {row.context} ({row.description[:40]})"

    def _truth(self, row: Kept) -> str:
        """What the row should have been told of."""
        lines = [
            str(end) for path in self._paths(row.context) for end in self._ends(path, row.commit)
        ]
        return ", ".join(lines) or "that commit never came to an end there"

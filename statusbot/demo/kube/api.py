"""From a request to its answer: who asks, what for, and may they."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson

from statusbot.demo.kube import status, writing
from statusbot.demo.kube.discovery import discovered
from statusbot.demo.kube.faults import Faults
from statusbot.demo.kube.kinds import Kinds, Resource
from statusbot.demo.kube.listing import listed
from statusbot.demo.kube.paths import Named, named, verb
from statusbot.demo.kube.requests import Answer, Request, Stream, Target
from statusbot.demo.kube.status import Refused
from statusbot.demo.kube.store import Entry, Store
from statusbot.demo.kube.watching import Watch, error_line, watched

# (user, verb, resource as its plural, namespace or "") -> may they?
Authorize = Callable[[str, str, str, str], bool]

ANONYMOUS = "system:anonymous"
_OPEN = ("/version", "/healthz", "/livez", "/readyz")
_MERGE = ("application/merge-patch+json", "application/strategic-merge-patch+json")


def everyone(user: str, verb: str, resource: str, namespace: str) -> bool:
    """Whoever has a token may do everything."""
    return user != ANONYMOUS


@dataclass(slots=True)
class Api:
    """The API itself, without HTTP: ``answer`` may be called from any thread."""

    kinds: Kinds
    clock: Callable[[], datetime]
    users: Mapping[str, str]
    authorize: Authorize = everyone
    store: Store = field(default_factory=Store)
    faults: Faults = field(default_factory=Faults)
    stop: threading.Event = field(default_factory=threading.Event)

    def answer(self, request: Request, headers: Mapping[str, str], body: bytes) -> Answer | Stream:
        """What a real server would say; refusals are answers too."""
        try:
            return self._answer(request, headers, body)
        except Refused as refused:
            return Answer.refusal(refused)

    def user(self, headers: Mapping[str, str]) -> str:
        """Whose token it is; no token is nobody's, a wrong one is refused."""
        scheme, _, token = headers.get("Authorization", "").partition(" ")
        if not self.users:
            return "admin"
        if scheme.lower() != "bearer" or not token:
            return ANONYMOUS
        if token.strip() not in self.users:
            raise status.unauthorized()
        return self.users[token.strip()]

    def _answer(self, request: Request, headers: Mapping[str, str], body: bytes) -> Answer | Stream:
        user = self.user(headers)
        if request.path in _OPEN[1:]:
            return Answer(200, b"ok", "text/plain; charset=utf-8")
        asked = named(request.path)
        if asked is None:
            if user == ANONYMOUS and request.path not in _OPEN:
                raise status.forbidden_path(user, request.method.lower(), request.path)
            document = discovered(self.kinds, request.path)
            return _no_page() if document is None else Answer.of(document)
        what = verb(request, asked.name)
        if not self.authorize(user, what, asked.plural, asked.namespace):
            raise status.forbidden(asked, user, what)
        target = self._target(asked)
        return (
            target if isinstance(target, Answer) else self._do(what, target, request, headers, body)
        )

    def _target(self, asked: Named) -> Target | Answer:
        group, version, namespace, plural, name, subresource = asked
        resource = self.kinds.at_path(group, version, plural)
        if resource is None:
            # Groups of custom resources, and those that nobody serves, answer in plain text.
            if self.kinds.is_custom(group):
                return _no_page()
            raise status.no_such_path()
        if subresource and not (subresource == "status" and resource.status):
            raise status.not_found(resource, name) if resource.custom else status.no_such_path()
        return Target(resource, version, namespace, name, subresource)

    def _do(
        self,
        what: str,
        target: Target,
        request: Request,
        headers: Mapping[str, str],
        body: bytes,
    ) -> Answer | Stream:
        match what:
            case "list":
                return listed(self.store, target, request.query)
            case "watch":
                return self._watch(target, request.query)
            case "get":
                return self._served(target, self._existing(target))
            case "create":
                self._check_namespace(target)
                return self._served(
                    target, writing.create(self.store, target, _object(body), self.clock), 201
                )
            case "update":
                there = self.store.get(target.resource, target.key)
                entry = writing.update(self.store, target, _object(body), self.clock)
                return self._served(target, entry, 200 if there else 201)
            case "patch":
                change = _patch(target.resource, headers, body)
                return self._served(target, writing.patch(self.store, target, change, self.clock))
            case "delete":
                gone = writing.delete(self.store, target, _object(body) if body else {}, self.clock)
                return self._served(target, gone) if isinstance(gone, Entry) else Answer.of(gone)
        raise status.not_allowed()

    def _watch(self, target: Target, query: Mapping[str, str]) -> Answer | Stream:
        how = self.faults.streaming_list
        if "sendInitialEvents" in query and how != "served":
            if how == "refused":
                raise status.streaming_list_is_off()
            if how == "error":
                return Stream(iter([[error_line(status.streaming_list_failed())]]))
            known = ("sendInitialEvents", "resourceVersionMatch")
            query = {name: value for name, value in query.items() if name not in known}
        watch = Watch.of(target, query)
        return Stream(watched(self.store, watch, self.stop, self.faults.bookmark_seconds))

    def _existing(self, target: Target) -> Entry:
        if entry := self.store.get(target.resource, target.key):
            return entry
        raise status.not_found(target.resource, target.name)

    def _served(self, target: Target, entry: Entry, code: int = 200) -> Answer:
        return Answer(code, entry.json(target.resource, target.version) + b"\n")

    def _check_namespace(self, target: Target) -> None:
        if target.namespace:
            namespaces = self.kinds.named("Namespace")
            self._existing(Target(namespaces, "v1", "", target.namespace))


def _no_page() -> Answer:
    return Answer(404, b"404 page not found\n", "text/plain; charset=utf-8")


def _object(body: bytes) -> dict[str, Any]:
    try:
        data = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise status.bad_request(f"the object provided is unrecognized: {error}") from error
    if not isinstance(data, dict):
        raise status.bad_request("the object provided is unrecognized: not an object")
    return data


def _patch(resource: Resource, headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
    kind = headers.get("Content-Type", "").partition(";")[0].strip()
    known = _MERGE[:1] if resource.custom else _MERGE
    if kind not in known:
        message = (
            "the body of the request was in an unknown format - accepted media types include:"
            f" {', '.join(known)}"
        )
        raise Refused(415, "UnsupportedMediaType", message)
    return _object(body)

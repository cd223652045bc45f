"""GitHub's endpoints for Apps: who installed one, and tokens for its installations.

The shapes are those of GitHub's API description, the words of the refusals those that users quote
in public issues.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from statusbot.demo.forge.apps import App, Installation, Issued
from statusbot.demo.forge.calls import Call, Kind, Reply, json_reply
from statusbot.demo.forge.dialects.base import Route
from statusbot.demo.forge.dialects.github_shapes import api, refusal, user_of
from statusbot.demo.forge.logins import Rights
from statusbot.demo.forge.rows import Store

PREFIX = "app:"
MOST_SECONDS = 600

_PATH = re.compile(
    r"(?:/api/v3)?/(?:app/installations/(?P<id>\d+)/access_tokens"
    r"|(?P<kind>orgs|users)/(?P<owner>[^/]+)/installation|repos/(?P<repo>[^/]+/[^/]+)/installation)"
)
_LEVELS = ("", "read", "write")
_EXPIRY = "'Expiration time' claim ('exp')"


def route(method: str, path: str) -> Route | None:
    """What the path asks for; None where it is not about Apps."""
    found = _PATH.fullmatch(unquote(path))
    if found is None or method != ("POST" if found["id"] else "GET"):
        return None
    if found["repo"]:
        return Route(f"{PREFIX}repos", Kind.OTHER, found["repo"])
    return Route(PREFIX + (found["kind"] or "token"), Kind.OTHER, "", found["owner"] or found["id"])


def rights(call: Call, route: Route, store: Store, others: Rights) -> Rights:
    """What an installation's token may do; ``others`` for every other login."""
    issued = store.apps.issued.get(call.token or "")
    if issued is None:
        return others
    if call.when >= issued.until or issued.installation.suspended:
        return Rights.BAD
    owner = route.repository.partition("/")[0]
    if owner and owner.lower() != issued.installation.account.lower():
        return Rights.VISITOR
    return Rights.WRITE if issued.permissions.get("statuses") == "write" else Rights.READ


def answer(call: Call, route: Route, store: Store) -> Reply:
    """First the JWT, then the installation, then what is asked of it."""
    app = _app(call, store)
    if isinstance(app, Reply):
        return app
    if route.operation == f"{PREFIX}token":
        return _token(call, route, store, app)
    for one in app.installations:
        if _meant(one, route, store):
            return json_reply(200, _installation_of(call, app, one))
    return refusal(404, "Not Found")


def _app(call: Call, store: Store) -> App | Reply:
    token = call.token or ""
    claims = _claims(token)
    app = store.apps.find(claims.get("iss"))
    if not claims:
        return refusal(401, "A JSON web token could not be decoded")
    if app is None:
        return refusal(404, "Integration not found")
    if not app.verify(token):
        return refusal(401, "A JSON web token could not be decoded")
    wrong = _wrong(claims, call.when.timestamp())
    return refusal(401, wrong) if wrong else app


def _claims(token: str) -> dict[str, Any]:
    """What a JWT claims, whoever signed it; nothing where it is none of RS256."""
    parts = token.split(".")
    try:
        head, claims = (json.loads(base64.urlsafe_b64decode(f"{part}==")) for part in parts[:2])
        return dict(claims) if len(parts) == 3 and head["alg"] == "RS256" else {}
    except (ValueError, TypeError, KeyError):
        return {}


def _wrong(claims: Mapping[str, Any], now: float) -> str:
    issued, expires = claims.get("iat"), claims.get("exp")
    if not isinstance(expires, int) or expires <= now:
        end = "must be a numeric value representing the future time at which the assertion expires"
        return f"{_EXPIRY} {end}"
    if expires > now + MOST_SECONDS:
        return f"{_EXPIRY} is too far in the future"
    if not isinstance(issued, int) or issued > now:
        end = "must be an Integer representing the time that the assertion was issued"
        return f"'Issued at' claim ('iat') {end}"
    return ""


def _meant(one: Installation, route: Route, store: Store) -> bool:
    if route.repository:
        owner = route.repository.partition("/")[0]
        known = store.find(route.repository) is not None
        return known and owner.lower() == one.account.lower()
    organization = route.operation == f"{PREFIX}orgs"
    return route.ref.lower() == one.account.lower() and organization == one.organization


def _token(call: Call, route: Route, store: Store, app: App) -> Reply:
    found = next((one for one in app.installations if one.id == int(route.ref)), None)
    if found is None:
        return refusal(404, "Not Found")
    if found.suspended:
        return refusal(403, "This installation has been suspended")
    try:
        body = call.json if call.body else {}
    except ValueError:
        return refusal(400, "Problems parsing JSON")
    wanted = body.get("permissions") if isinstance(body, dict) else None
    wanted = wanted if isinstance(wanted, dict) else dict(found.permissions)
    if not _granted(wanted, found.permissions):
        return refusal(422, "The permissions requested are not granted to this installation.")
    token, issued = store.apps.issue(app, found, {"metadata": "read", **wanted}, call.when)
    return json_reply(201, _token_of(token, issued))


def _granted(wanted: Mapping[str, str], granted: Mapping[str, str]) -> bool:
    return all(
        level in _LEVELS and _LEVELS.index(level) <= _LEVELS.index(granted.get(name, ""))
        for name, level in wanted.items()
    )


def _token_of(token: str, issued: Issued) -> dict[str, Any]:
    return {
        "token": token,
        "expires_at": issued.until.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "permissions": dict(issued.permissions),
        "repository_selection": "all",
    }


def _installation_of(call: Call, app: App, one: Installation) -> dict[str, Any]:
    root = f"{api(call)}/app/installations/{one.id}"
    kind = "Organization" if one.organization else "User"
    return {
        "id": one.id,
        "account": user_of(call, one.account) | {"type": kind},
        "repository_selection": "all",
        "access_tokens_url": f"{root}/access_tokens",
        "repositories_url": f"{api(call)}/installation/repositories",
        "html_url": f"{call.origin}/settings/installations/{one.id}",
        "app_id": app.id,
        "app_slug": f"app-{app.id}",
        "target_id": 1,
        "target_type": kind,
        "permissions": dict(one.permissions),
        "events": [],
        "created_at": "2026-01-01T00:00:00Z",
        "updated_at": "2026-01-01T00:00:00Z",
        "single_file_name": None,
        "suspended_by": user_of(call, one.account) if one.suspended else None,
        "suspended_at": "2026-01-02T00:00:00Z" if one.suspended else None,
    }

"""401 and 403 as sentences that tell what to do about them."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from urllib.parse import unquote

from statusbot.cluster.answer import Answer
from statusbot.cluster.errors import Forbidden
from statusbot.errors import UsageError

_PATH = re.compile(
    r"/(?:api/v1|apis/(?P<group>[^/]+)/[^/]+)"
    r"(?:/namespaces/(?P<namespace>[^/]+))?/(?P<plural>[^/]+)(?:/(?P<name>[^/]+))?(?:/status)?"
)
_USER = re.compile(r'User "([\w.:@/+=-]+)" cannot ')
# Of all else statusbot only reads; the first two are what it remembers, and who may write that.
_VERBS = {
    "configmaps": "get,list,create,update,delete",
    "leases": "get,create,update",
    "secrets": "get",
}
_ROBOT = re.compile(r"system:serviceaccount:([^:]+):([^:]+)")


def unauthorized(answer: Answer, login: str) -> UsageError:
    """For 401: who we are is not accepted."""
    return UsageError(
        f"the API server refuses the credentials of {login}: they are wrong or have expired",
        where=answer.url,
        todo="log in again until `kubectl get kustomizations -A` works, or give another kubeconfig",
    )


def forbidden(answer: Answer, method: str, path: str, query: Mapping[str, str]) -> Forbidden:
    """For 403: who we are is known, but may not do this; with the line that allows it."""
    asked = _PATH.fullmatch(path)
    words = answer.words()
    if not words and not answer.words("kind"):
        return Forbidden(
            "it answered 403, and not as a Kubernetes API does",
            where=answer.url,
            todo="is there a proxy in between? check HTTPS_PROXY, and the server's address in the"
            " kubeconfig",
        )
    if words and " cannot " not in words:
        # A quota, a webhook or a namespace that is being deleted: no Role would help. What lacks
        # a right is said by apiserver/pkg/endpoints/handlers/responsewriters/errors.go.
        return Forbidden(words, where=answer.url)
    what = words or f"{method} {path} is forbidden"
    user = _USER.search(what)
    subject = _subject(user.group(1) if user else "")
    if asked is None:
        return Forbidden(what, where=answer.url, todo=_discovery(subject))
    parts = {key: unquote(value or "") for key, value in asked.groupdict().items()}
    return Forbidden(what, where=answer.url, todo=_role(parts, subject))


def _subject(user: str) -> str:
    robot = _ROBOT.fullmatch(user)
    if robot:
        return f"--serviceaccount={shlex.quote(robot.group(1) + ':' + robot.group(2))}"
    return f"--user={shlex.quote(user)}" if user else "--user=YOU"


def _discovery(subject: str) -> str:
    return (
        "allow it with: kubectl create clusterrolebinding statusbot-discovery"
        f" --clusterrole=system:discovery {subject}"
    )


def _role(parts: Mapping[str, str], subject: str) -> str:
    """Role and binding; a ClusterRole when no namespace was asked for.

    All that one run needs of a resource is allowed at once, or the user would come back for the
    next verb. A Secret is only ever allowed by its name.
    """
    plural, namespace = parts["plural"], parts["namespace"]
    resource = f"{plural}.{parts['group']}" if parts["group"] else plural
    named = f" --resource-name={shlex.quote(parts['name'])}" if plural == "secrets" else ""
    cluster, scope = ("", f" -n {shlex.quote(namespace)}") if namespace else ("cluster", "")
    name = f"statusbot-{plural}"
    return (
        f"allow it with: kubectl create {cluster}role {name} --verb={_verbs(plural)}"
        f" --resource={resource}{named}{scope}"
        f" && kubectl create {cluster}rolebinding {name} --{cluster}role={name} {subject}{scope}"
    )


def _verbs(plural: str) -> str:
    return _VERBS.get(plural, "get,list,watch")

"""Which cluster, and as whom: kubeconfig files and in-cluster credentials.

The ``kubernetes`` package reads them, but it is forgiving where a user needs a sentence: it goes on
without credentials when they cannot be loaded, only logs what an exec plugin said, and its
exceptions quote whole users, tokens included.
"""

from __future__ import annotations

import logging
import os
import re
import ssl
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from statusbot.cluster import openssl
from statusbot.cluster.answer import said
from statusbot.errors import StatusbotError, UsageError

DEFAULT = "~/.kube/config"
TOKEN = "/var/run/secrets/kubernetes.io/serviceaccount/token"  # where a pod finds its own
IN_CLUSTER = "the in-cluster service account"
_KEY = re.compile(r"Expected key (\S+) in ")


@dataclass(frozen=True, slots=True)
class Place:
    """Where the configuration is: ``paths`` of kubeconfigs, none of them in a pod."""

    paths: tuple[str, ...]
    context: str | None = None

    def __str__(self) -> str:
        """As an error's ``where``."""
        return os.pathsep.join(self.paths) or IN_CLUSTER


def find(kubeconfig: str | None, context: str | None, environ: Mapping[str, str]) -> Place:
    """The flag's file, else KUBECONFIG's, else the pod's service account, else kubectl's default.

    Asking for a context means a kubeconfig: a service account has none.
    """
    if kubeconfig and os.pathsep in kubeconfig:
        # The package would take it for a list, which kubectl's flag is not either.
        raise UsageError(
            f"a path with {os.pathsep!r} in it cannot be read",
            where=kubeconfig,
            todo="give one file, or several in KUBECONFIG",
        )
    if kubeconfig:
        return Place(_readable((kubeconfig,)), context)
    listed = tuple(path for path in environ.get("KUBECONFIG", "").split(os.pathsep) if path)
    if listed:
        # As kubectl: of a list, files that are not there are left out, as long as one is.
        return Place(_readable(tuple(filter(_exists, listed)) or listed), context)
    # Pods that may not ask the API server have the variable too, but no token.
    if environ.get("KUBERNETES_SERVICE_HOST") and _exists(TOKEN) and not context:
        return Place(())
    if _exists(DEFAULT):
        return Place(_readable((DEFAULT,)), context)
    raise UsageError(
        f"there is no cluster to read: no --kubeconfig, no KUBECONFIG, no {DEFAULT},"
        " and this is no pod with a service account",
        todo="give --kubeconfig PATH, or read objects from files with --from PATH",
    )


def _exists(path: str) -> bool:
    try:
        return Path(path).expanduser().exists()
    except RuntimeError:
        # A user whom the system does not know, as in most containers, may have no home at all.
        return False


def _readable(paths: tuple[str, ...]) -> tuple[str, ...]:
    """The expanded paths, each opened once: the package skips what it does not find."""
    expanded = tuple(str(Path(path).expanduser()) for path in paths)
    for path in expanded:
        try:
            with open(path, "rb") as file:
                file.read(1)
        except OSError as error:
            raise UsageError(
                f"cannot read this kubeconfig: {error.strerror}",
                where=path,
                todo="give a readable file with --kubeconfig or KUBECONFIG",
            ) from None
    return expanded


def load(place: Place, folder: str) -> Any:
    """A ``kubernetes.client.Configuration``; keys that came as data are in files in ``folder``."""
    from kubernetes.client import Configuration

    configuration = Configuration()
    with translated(str(place)) as complaints:
        if place.paths:
            _load_files(place, configuration, folder, complaints)
        else:
            from kubernetes.config import load_incluster_config

            load_incluster_config(client_configuration=configuration)
    if not re.match(r"(?i)https?://[^/]", configuration.host or ""):
        raise UsageError(
            "the cluster's `server` is no http(s) URL", where=str(place), todo="correct it"
        )
    return configuration


def _load_files(place: Place, configuration: Any, folder: str, complaints: list[str]) -> None:
    from kubernetes.config.kube_config import KubeConfigLoader, KubeConfigMerger

    merger = KubeConfigMerger(os.pathsep.join(place.paths))
    config = merger.config.value
    context = _context(place, config)
    _check_cluster(place, config, context)
    loader = KubeConfigLoader(
        merger.config,
        active_context=context,
        config_base_path=None,  # relative paths start at the folder of the file that has them
        config_persister=_saver(merger),
        temp_file_path=folder,
    )
    loader.load_and_set(configuration)
    _check_login(place, config, loader.current_context, configuration, complaints)


def _saver(merger: Any) -> Callable[[], None]:
    """Keep a refreshed OIDC token where kubectl keeps it; one that cannot be kept works too."""

    def save() -> None:
        with suppress(OSError):
            merger.save_changes()

    return save


def _plain(node: Any) -> Mapping[str, Any]:
    """What is in one of the package's nodes; empty for what should be a mapping and is none."""
    value = getattr(node, "value", node)
    return value if isinstance(value, dict) else {}


def _context(place: Place, config: Mapping[str, Any]) -> str:
    names = [str(_plain(node).get("name")) for node in config.get("contexts") or ()]
    known = f"it has {', '.join(map(said, names))}" if names else "it has no contexts"
    wanted = place.context or config.get("current-context")
    if not wanted:
        what = "this kubeconfig has no current-context"
    elif wanted not in names:
        what = f"this kubeconfig has no context {said(str(wanted))!r}"
    else:
        return str(wanted)
    raise UsageError(what, where=str(place), todo=f"choose one with --kube-context; {known}")


def _check_cluster(place: Place, config: Mapping[str, Any], context: str) -> None:
    """The package's own words for a cluster that is not there are about its lists."""
    entries = [_plain(node) for node in config.get("contexts") or ()]
    named = next(_plain(one.get("context")) for one in entries if str(one.get("name")) == context)
    known = {str(_plain(node).get("name")) for node in config.get("clusters") or ()}
    if "cluster" in named and str(named["cluster"]) not in known:
        cluster = said(str(named["cluster"]))
        raise UsageError(
            f"this kubeconfig has no cluster {cluster!r}, which its context names",
            where=str(place),
            todo="correct the context, or choose another with --kube-context",
        )


def _check_login(
    place: Place, config: Mapping[str, Any], context: Any, configuration: Any, said_: list[str]
) -> None:
    """A user whose credentials did not load would go on as an anonymous one; stop instead."""
    name = _plain(_plain(context).get("context")).get("user")
    users = {str(_plain(node).get("name")): _plain(node) for node in config.get("users") or ()}
    user = _plain(users.get(str(name), {}).get("user"))
    if user.get("as") or user.get("as-groups"):
        # The package would leave it out: statusbot would act with more rights than were meant.
        raise UsageError(
            f"user {said(str(name))!r} impersonates another (`as`), which statusbot cannot",
            where=str(place),
            todo="choose a context whose user has the rights itself",
        )
    if not name or configuration.api_key or configuration.cert_file:
        return
    if str(name) in users and not user:
        return  # `user: {}` is how a kubeconfig says anonymous
    how = next((key for key in ("exec", "auth-provider") if key in user), "")
    if str(name) not in users:
        raise UsageError(
            f"this kubeconfig has no user {said(str(name))!r}, which its context names",
            where=str(place),
            todo="correct the context, or choose another with --kube-context",
        )
    what = f"the credentials of user {said(str(name))!r} could not be loaded"
    if how:
        what += f" ({how}: {'; '.join(said_) or 'it gave none'})"
    todo = "log in again until `kubectl get kustomizations -A` works"
    raise UsageError(what, where=str(place), todo=todo)


@contextmanager
def translated(where: str) -> Iterator[list[str]]:
    """Turn whatever the package raises into a ``UsageError``; yields what it would have logged."""
    complaints: list[str] = []
    with _overheard(complaints):
        try:
            yield complaints
        except StatusbotError:
            raise
        except ssl.SSLError as error:
            raise UsageError(
                f"cannot load the credentials: {said(_pem(error))}",
                where=where,
                todo="check client-certificate, client-key (it has no passphrase) and"
                " certificate-authority: all are PEM",
            ) from None
        except OSError as error:
            raise UsageError(
                f"cannot load the credentials: {error.strerror or error}",
                where=str(error.filename or where),
                todo="log in again until `kubectl get kustomizations -A` works",
            ) from None
        # A file with anything in it: the package lets KeyError, TypeError, yaml's and more out.
        except Exception as error:
            raise UsageError(
                f"cannot load the configuration: {_safe(error)}",
                where=where,
                todo="see what `kubectl config view` makes of it",
            ) from None


def _pem(error: ssl.SSLError) -> str:
    return openssl.reason(error) or "a certificate or a key cannot be read"


def _safe(error: BaseException | str) -> str:
    """What the package says, without the user's entry that it likes to quote."""
    key = _KEY.search(str(error))
    if key:
        return f"{said(key.group(1))} is missing in an entry"
    if isinstance(error, (KeyError, TypeError, AttributeError)):
        return "an entry is not of the form that it should have"
    return said(str(error).replace("\n", " "))


class _Ear(logging.Filter):
    def __init__(self, complaints: list[str]) -> None:
        super().__init__()
        self.complaints = complaints

    def filter(self, record: logging.LogRecord) -> bool:
        if record.pathname.replace(os.sep, "/").rpartition("/kubernetes/")[1]:
            self.complaints.append(_safe(record.getMessage()).removeprefix("exec: "))
            return False
        return True


@contextmanager
def _overheard(complaints: list[str]) -> Iterator[None]:
    """Take the package's records from the root logger, which it would otherwise even set up."""
    root, ear, handler = logging.getLogger(), _Ear(complaints), logging.NullHandler()
    root.addFilter(ear)
    root.addHandler(handler)
    try:
        yield
    finally:
        root.removeHandler(handler)
        root.removeFilter(ear)


@contextmanager
def private_folder() -> Iterator[str]:
    """For keys on their way into memory: nobody else can read it, and it is gone afterwards.

    ``UsageError`` where no folder can be made, as in a container that is read-only throughout.
    """
    try:
        made = tempfile.TemporaryDirectory(prefix="statusbot-")
    except OSError as error:
        raise UsageError(
            f"there is no folder for temporary files: {error.strerror}",
            todo="mount an emptyDir or a tmpfs at /tmp, or name a writable folder in TMPDIR",
        ) from None
    with made as folder:
        yield folder

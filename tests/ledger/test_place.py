"""What ``--ledger`` comes to, given where a run reads."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from statusbot.cluster import kubeconfig
from statusbot.cluster.setup import Where
from statusbot.errors import UsageError
from statusbot.ledger import place
from statusbot.ledger.place import Place, place_of, resolve

POD = {"KUBERNETES_SERVICE_HOST": "10.0.0.1"}


@pytest.fixture
def pod(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a pod's service account, in the namespace `bots`."""
    (tmp_path / "token").write_text("t")
    (tmp_path / "namespace").write_text("bots\n")
    monkeypatch.setattr(kubeconfig, "TOKEN", str(tmp_path / "token"))
    monkeypatch.setattr(place, "NAMESPACE", str(tmp_path / "namespace"))
    monkeypatch.setattr(kubeconfig, "DEFAULT", str(tmp_path / "none"))
    return tmp_path


def config(folder: Path, **context: str) -> str:
    path = folder / "config"
    contexts = [{"name": "c", "context": {"cluster": "c", "user": "u", **context}}]
    path.write_text(json.dumps({"contexts": contexts, "current-context": "c"}))
    return str(path)


def test_a_pod_keeps_it_in_its_own_namespace(pod: Path) -> None:
    assert resolve(None, Where(), POD) == "configmap:bots/statusbot"


def test_a_pod_that_does_not_know_its_namespace_keeps_it_with_flux(pod: Path) -> None:
    (pod / "namespace").unlink()
    assert resolve(None, Where(), POD) == "configmap:flux-system/statusbot"


def test_a_namespace_that_is_no_text_is_as_good_as_none(pod: Path) -> None:
    (pod / "namespace").write_bytes(b"\xff\xfe")
    assert resolve(None, Where(), POD) == "configmap:flux-system/statusbot"


def test_whoever_has_a_kubeconfig_keeps_none(pod: Path) -> None:
    assert resolve(None, Where(kubeconfig=config(pod)), POD) == "none"
    assert resolve(None, Where(), POD | {"KUBECONFIG": config(pod)}) == "none"


def test_whoever_reads_files_keeps_none(pod: Path) -> None:
    assert resolve(None, Where(files=("-",)), POD) == "none"


def test_where_no_cluster_is_found_the_cluster_is_what_complains(pod: Path) -> None:
    assert resolve(None, Where(), {}) == "none"


def test_a_pod_keeps_none_when_told_so(pod: Path) -> None:
    assert resolve("none", Where(), POD) == "none"


@pytest.mark.parametrize(
    ("context", "namespace"), [({"namespace": "team"}, "team"), ({}, "flux-system")]
)
def test_by_hand_it_is_where_the_context_says(
    pod: Path, context: dict[str, str], namespace: str
) -> None:
    where = Where(kubeconfig=config(pod, **context))
    assert resolve("configmap", where, {}) == f"configmap:{namespace}/statusbot"


@pytest.mark.parametrize("option", ["configmap", "configmap:a/b"])
def test_files_have_no_place_for_it(option: str) -> None:
    with pytest.raises(UsageError, match="needs a cluster"):
        resolve(option, Where(files=("dump.yaml",)), {})


@pytest.mark.parametrize(
    "option",
    [
        "configmap:",
        "configmap:a",
        "configmap:a/",
        "configmap:/a",
        "configmap:a/b/c",
        "configmap:A/b",
        "configmap:a/b_c",
        "configmap:a/b.c",
        f"configmap:a/{'b' * 64}",
        "ConfigMap",
    ],
)
def test_a_name_that_cannot_be_is_a_sentence(option: str) -> None:
    with pytest.raises(UsageError, match="there is no ledger"):
        resolve(option, Where(), {})


def test_a_shard_s_is_another() -> None:
    assert place_of("configmap:a/b", "-shard-1-of-3") == Place("a", "b-shard-1-of-3")

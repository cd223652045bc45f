"""The namespace of a kubeconfig's context."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from statusbot.cluster import kubeconfig
from statusbot.cluster.context import namespace_of
from statusbot.errors import UsageError


def written(path: Path, *contexts: dict[str, Any], current: str = "here") -> str:
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": current,
        "contexts": [
            {"name": name, "context": c}
            for name, c in zip(("here", "there"), contexts, strict=False)
        ],
        "clusters": [],
        "users": [],
    }
    path.write_text(json.dumps(config))
    return str(path)


def test_it_is_that_of_the_current_context(tmp_path: Path) -> None:
    config = written(tmp_path / "config", {"namespace": "apps"}, {"namespace": "other"})
    assert namespace_of(config, None, {}) == "apps"


def test_a_context_that_is_asked_for_comes_first(tmp_path: Path) -> None:
    config = written(tmp_path / "config", {"namespace": "apps"}, {"namespace": "other"})
    assert namespace_of(config, "there", {}) == "other"


@pytest.mark.parametrize("context", [{}, {"namespace": 1}, {"namespace": ""}])
def test_a_context_may_name_none(tmp_path: Path, context: dict[str, Any]) -> None:
    assert namespace_of(written(tmp_path / "config", context), None, {}) == ""


def test_a_context_that_is_not_there_names_none(tmp_path: Path) -> None:
    assert namespace_of(written(tmp_path / "config", {}, current="gone"), None, {}) == ""


def test_a_pod_has_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "token").touch()
    monkeypatch.setattr(kubeconfig, "TOKEN", str(tmp_path / "token"))
    assert namespace_of(None, None, {"KUBERNETES_SERVICE_HOST": "10.0.0.1"}) == ""


def test_what_is_no_kubeconfig_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "config").write_text("contexts: 7")
    with pytest.raises(UsageError, match="cannot load the configuration"):
        namespace_of(str(tmp_path / "config"), None, {})

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from statusbot.demo.kube import EmbeddedKubernetes
from tests.support.gate import Gate, gate
from tests.support.objects import git_repository, kustomization

Open = Callable[..., Gate]


@pytest.fixture
def kube() -> Iterator[EmbeddedKubernetes]:
    """A cluster in which `apps` is green at C1, the source of which is the repository."""
    with EmbeddedKubernetes(token="admin") as kube:
        kube.apply_all([git_repository(), kustomization()])
        yield kube


@pytest.fixture
def kubeconfig(kube: EmbeddedKubernetes, tmp_path: Path) -> Path:
    return kube.kubeconfig(tmp_path / "kubeconfig")


@pytest.fixture
def open_gate(kubeconfig: Path) -> Iterator[Open]:
    """Makes gates that wait for C2."""
    with ExitStack() as stack:

        def make(*arguments: Any, **options: Any) -> Gate:
            return stack.enter_context(gate(kubeconfig, *arguments, **options))

        yield make

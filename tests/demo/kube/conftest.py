from __future__ import annotations

from collections.abc import Iterator

import pytest

from statusbot.demo.kube import EmbeddedKubernetes
from tests.support.kube import Client


@pytest.fixture
def kube() -> Iterator[EmbeddedKubernetes]:
    with EmbeddedKubernetes() as kube:
        yield kube


@pytest.fixture
def client(kube: EmbeddedKubernetes) -> Iterator[Client]:
    with Client(kube.url) as client:
        yield client

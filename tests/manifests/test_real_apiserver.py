"""A real kube-apiserver with Flux's CRDs admits and refuses what our schemas do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from statusbot.manifests import alert, provider
from statusbot.manifests.document import Document, read_documents
from statusbot.manifests.invalid import Invalid
from statusbot.manifests.schemas import VERSIONS

if TYPE_CHECKING:
    from tests.real.apiserver import ApiServer

EXAMPLES = Path(__file__).parents[1] / "examples"
PARSERS: dict[str, Any] = {"Alert": alert.parse, "Provider": provider.parse}


def served(folder: str, *versions: str) -> list[Any]:
    """Every object of a folder whose version is one of ``versions``.

    Not those without a spec: Flux's CRDs admit them, and Flux cannot use them either.
    """
    return [
        pytest.param(found.data, id=f"{file.stem}-{index}")
        for file in sorted((EXAMPLES / folder).iterdir())
        for index, found in enumerate(read_documents(file.read_bytes(), file.name))
        if isinstance(found, Document) and "spec" in found.data
        if str(found.data["apiVersion"]).endswith(versions)
    ]


def agreed(obj: Any, apiserver: ApiServer) -> bool:
    """Whether both admit ``obj``; it fails where they do not agree."""
    namespace = apiserver.namespace()
    path = f"/apis/{obj['apiVersion']}/namespaces/{namespace}/{obj['kind'].lower()}s"
    body = {**obj, "metadata": {**obj["metadata"], "namespace": namespace}}
    answer = apiserver.admin.call("POST", path, body, dryRun="All")
    assert answer.status in {201, 400, 422}, answer.body
    ours = PARSERS[obj["kind"]](obj)
    assert isinstance(ours, Invalid) == (answer.status != 201), f"{ours}; {answer.body!r}"
    return answer.status == 201


@pytest.fixture(scope="module")
def every_version(apiserver: ApiServer) -> Iterator[ApiServer]:
    with apiserver.old_notification_api():
        yield apiserver


@pytest.mark.parametrize("obj", served("valid", "v1beta3"))
def test_a_valid_example_is_admitted(obj: Any, apiserver: ApiServer) -> None:
    assert agreed(obj, apiserver)


@pytest.mark.parametrize("obj", served("invalid", "v1beta3"))
def test_an_invalid_example_is_refused(obj: Any, apiserver: ApiServer) -> None:
    assert not agreed(obj, apiserver)


class TestOlderVersions:
    @pytest.mark.parametrize("obj", served("valid", *VERSIONS[:2]))
    def test_a_valid_example_is_admitted(self, obj: Any, every_version: ApiServer) -> None:
        assert agreed(obj, every_version)

    @pytest.mark.parametrize("obj", served("invalid", *VERSIONS[:2]))
    def test_an_invalid_example_is_refused(self, obj: Any, every_version: ApiServer) -> None:
        assert not agreed(obj, every_version)

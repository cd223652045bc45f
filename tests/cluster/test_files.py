from __future__ import annotations

import io
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest

from statusbot.cluster.base import Cluster
from statusbot.cluster.files import Files
from statusbot.cluster.kinds import ALERT, GIT_REPOSITORY, KUSTOMIZATION, PROVIDER, SECRET
from statusbot.errors import UsageError
from statusbot.manifests.document import Document
from statusbot.manifests.invalid import Invalid

Make = Callable[..., dict[str, Any]]


def files(*objects: Any) -> Files:
    return Files(Document(item, "here.yaml") for item in objects)


def names(found: Files, *namespaces: str) -> list[str]:
    return [item["metadata"]["name"] for item in found.list(KUSTOMIZATION, namespaces)]


def test_files_are_a_cluster_without_a_server() -> None:
    seen: Cluster = files()
    assert (seen.name, seen.live) == ("files", False)


def test_their_clock_is_the_local_one() -> None:
    before = datetime.now(UTC)
    assert before <= files().now() <= datetime.now(UTC)


def test_objects_are_listed_by_kind_in_their_order(make: Make) -> None:
    secret = make("s") | {"apiVersion": "v1", "kind": "Secret"}
    found = files(make("b"), secret, make("a"))
    assert names(found) == ["b", "a"]
    assert len(list(found.list(SECRET))) == 1


def test_namespaces_filter(make: Make) -> None:
    found = files(make("one", "a"), make("two", "b"), make("three", "c"))
    assert names(found, "a", "c") == ["one", "three"]


def test_an_object_without_a_namespace_gets_the_default_one(make: Make) -> None:
    item = make("app")
    del item["metadata"]["namespace"]
    found = Files([Document(item, "x")], namespace="flux-system")
    assert found.get(KUSTOMIZATION, "flux-system", "app") is not None
    assert "namespace" not in item["metadata"]


def test_any_version_of_a_kind_is_that_kind(make: Make) -> None:
    old = make("old") | {"apiVersion": "kustomize.toolkit.fluxcd.io/v1beta2"}
    (found,) = files(old).list(KUSTOMIZATION)
    assert found["apiVersion"] == "kustomize.toolkit.fluxcd.io/v1beta2"


def test_kustomizes_own_kustomization_is_another_kind(make: Make) -> None:
    other = make("app") | {"apiVersion": "kustomize.config.k8s.io/v1beta1"}
    found = files(other)
    assert names(found) == []
    assert found.problems == []


def test_kinds_that_nobody_asks_for_are_left_out_silently() -> None:
    assert files({"apiVersion": "apps/v1", "kind": "Deployment"}).problems == []


@pytest.mark.parametrize("metadata", [None, [], {}, {"name": 5}, {"name": "a", "namespace": []}])
def test_an_object_without_a_name_is_a_problem_of_its_file(metadata: Any, make: Make) -> None:
    found = files(make("app", metadata=metadata), make("good"))
    assert names(found) == ["good"]
    (problem,) = found.problems
    assert (problem.source, problem.kind) == ("here.yaml", "Kustomization")


@pytest.mark.parametrize(
    "data", [{}, {"kind": 1}, {"kind": "Alert"}, {"kind": [], "apiVersion": {}}]
)
def test_documents_of_no_shape_are_no_objects(data: Any) -> None:
    assert names(files(data)) == []


def test_what_could_not_be_read_is_kept_as_a_problem(make: Make) -> None:
    broken = Invalid("x.yaml", "", "", "", "$", "is no YAML")
    found = Files([broken, Document(make("good"), "x.yaml")])
    assert found.problems == [broken]
    assert names(found) == ["good"]


def test_of_two_of_one_name_the_later_holds_and_it_is_told(make: Make) -> None:
    found = files(make("app", spec={"path": "./old"}), make("app", spec={"path": "./new"}))
    (item,) = found.list(KUSTOMIZATION)
    assert item["spec"]["path"] == "./new"
    assert "is there twice" in str(found.problems[0])


def test_the_same_object_twice_is_no_problem(make: Make) -> None:
    found = files(make("app"), make("app"))
    assert names(found) == ["app"]
    assert found.problems == []


def test_a_secret_may_be_plain_in_a_file(make: Make) -> None:
    secret = make("t", apiVersion="v1", kind="Secret", stringData={"token": "s3cret"})
    assert files(secret).secret("apps", "t") == {"token": b"s3cret"}
    assert files(secret).secret("apps", "other") is None


def test_files_may_hold_any_kind() -> None:
    assert all(files().serves(kind) for kind in (KUSTOMIZATION, GIT_REPOSITORY, ALERT, PROVIDER))


# -- reading them


def dump(*objects: Any) -> bytes:
    return orjson.dumps({"apiVersion": "v1", "kind": "List", "items": list(objects)})


def test_a_kubectl_dump_is_read(tmp_path: Path, make: Make) -> None:
    (tmp_path / "dump.json").write_bytes(dump(make("a"), make("b")))
    assert names(Files.read([str(tmp_path / "dump.json")])) == ["a", "b"]


def test_a_folder_is_read_with_all_below_it(tmp_path: Path, make: Make) -> None:
    (tmp_path / "deep" / "er").mkdir(parents=True)
    (tmp_path / "deep" / "er" / "b.yaml").write_bytes(dump(make("b")))
    (tmp_path / "a.yml").write_bytes(dump(make("a")))
    (tmp_path / "README.md").write_text("{{")
    found = Files.read([str(tmp_path)])
    assert names(found) == ["a", "b"]
    assert found.problems == []


def test_a_folder_is_read_in_the_order_of_names(
    tmp_path: Path, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = [tmp_path / f"{name}.yaml" for name in "cab"]
    for path in paths:
        path.write_bytes(dump(make(path.stem)))
    monkeypatch.setattr(Path, "rglob", lambda folder, pattern: iter(paths))
    assert names(Files.read([str(tmp_path)])) == ["a", "b", "c"]


def test_a_dash_is_standard_input(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(dump(make("a")))))
    assert names(Files.read(["-"])) == ["a"]


def test_nothing_on_standard_input_is_for_the_user_to_put_right(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b" \n")))
    with pytest.raises(UsageError, match="stdin: it is empty"):
        Files.read(["-"])


def test_an_empty_file_is_for_the_user_to_put_right(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("")
    with pytest.raises(UsageError, match=r"a\.yaml: it is empty"):
        Files.read([str(tmp_path / "a.yaml")])


def test_an_empty_file_in_a_folder_does_no_harm(tmp_path: Path, make: Make) -> None:
    (tmp_path / "a.yaml").write_text("")
    (tmp_path / "b.yaml").write_bytes(dump(make("b")))
    assert names(Files.read([str(tmp_path)])) == ["b"]


def test_an_empty_list_is_a_cluster_without_objects(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("apiVersion: v1\nitems: []\nkind: List\n")
    assert names(Files.read([str(tmp_path / "a.yaml")])) == []


def test_a_broken_file_does_not_stop_the_others(tmp_path: Path, make: Make) -> None:
    (tmp_path / "a.yaml").write_text("apiVersion: kustomize.toolkit.fluxcd.io/v1\na: [")
    (tmp_path / "b.yaml").write_bytes(dump(make("b")))
    found = Files.read([str(tmp_path)])
    assert names(found) == ["b"]
    assert [Path(problem.source).name for problem in found.problems] == ["a.yaml"]


def test_a_file_that_is_not_there_is_for_the_user_to_put_right() -> None:
    with pytest.raises(UsageError, match="/nowhere: cannot read this file: No such file"):
        Files.read(["/nowhere"])


def test_a_folder_without_manifests_is_for_the_user_to_put_right(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"there is no \.yaml, \.yml, \.json file in it"):
        Files.read([str(tmp_path)])


def test_events_are_those_about_one_object(make: Make) -> None:
    about = [
        make(name, apiVersion="v1", kind="Event", involvedObject={"uid": uid})
        for name, uid in [("a", "uid-1"), ("b", "uid-2")]
    ]
    files = Files([Document(one, "e.yaml") for one in [*about, make("c", kind="Event")]])
    assert [one["metadata"]["name"] for one in files.events("apps", "uid-1")] == ["a"]

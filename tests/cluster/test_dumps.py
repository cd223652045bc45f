from __future__ import annotations

import io
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml

from statusbot.cluster.dumps import documents
from statusbot.cluster.files import Files
from statusbot.cluster.kinds import EVENT, KUSTOMIZATION
from statusbot.errors import UsageError
from statusbot.manifests.document import Document

Make = Callable[..., dict[str, Any]]
Read = Callable[[dict[str, bytes | str]], Files]

CUSTOM = "bundle/cluster-resources/custom-resources"
OURS = f"{CUSTOM}/kustomizations.kustomize.toolkit.fluxcd.io"


def tarred(path: Path, files: dict[str, bytes]) -> None:
    with tarfile.open(path, "w:gz") as archive:
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))


def placed(path: Path, files: dict[str, bytes]) -> None:
    for name, data in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(data)


@pytest.fixture(params=["dump", "dump.tar.gz"])
def read(request: pytest.FixtureRequest, tmp_path: Path) -> Read:
    """The files as a folder, and in an archive."""

    def read(files: dict[str, bytes | str]) -> Files:
        path = tmp_path / request.param
        data = {
            name: text.encode() if isinstance(text, str) else text for name, text in files.items()
        }
        (tarred if path.suffix else placed)(path, data)
        return Files.read([str(path)])

    return read


def names(found: Files) -> list[str]:
    return [item["metadata"]["name"] for item in found.list(KUSTOMIZATION)]


def problems(found: Files) -> list[str]:
    return [Path(problem.source).name for problem in found.problems]


# -- the layouts


def test_a_support_bundle_has_arrays_in_yaml(read: Read, make: Make) -> None:
    assert names(read({f"{OURS}/apps.yaml": yaml.safe_dump([make("a"), make("b")])})) == ["a", "b"]


def test_a_support_bundle_has_arrays_in_json(read: Read, make: Make) -> None:
    objects = [make("a"), make("b", metadata={"name": "b", "namespace": "apps", "labels": {}})]
    assert names(read({f"{OURS}/apps.json": orjson.dumps(objects)})) == ["a", "b"]


def test_an_object_in_yaml_and_in_json_is_one(read: Read, make: Make) -> None:
    found = read(
        {
            f"{OURS}/apps.json": orjson.dumps([make("a")]),
            f"{OURS}/apps.yaml": yaml.safe_dump([make("a")]),
        }
    )
    assert (names(found), found.problems) == (["a"], [])


def test_of_a_bundle_one_of_both_may_hide_more(read: Read, make: Make) -> None:
    found = read(
        {
            f"{OURS}/apps.json": orjson.dumps([make("a", spec={"path": "***HIDDEN***"})]),
            f"{OURS}/apps.yaml": yaml.safe_dump([make("a", spec={"path": "./a"})]),
        }
    )
    assert (names(found), found.problems) == (["a"], [])


@pytest.mark.parametrize("other", ["apps.yaml", f"{OURS}/other.yaml"])
def test_elsewhere_two_versions_of_an_object_are_told(read: Read, make: Make, other: str) -> None:
    first = "apps.json" if other == "apps.yaml" else f"{OURS}/apps.json"
    found = read(
        {
            first: orjson.dumps([make("a", spec={"path": "./old"})]),
            other: yaml.safe_dump([make("a", spec={"path": "./new"})]),
        }
    )
    assert "is there twice" in str(found.problems[0])


def test_two_versions_in_one_file_are_told(read: Read, make: Make) -> None:
    objects = [make("a", spec={"path": "./old"}), make("a", spec={"path": "./new"})]
    assert "is there twice" in str(read({f"{OURS}/apps.json": orjson.dumps(objects)}).problems[0])


def test_cluster_info_dump_lists_events_without_their_kind(read: Read) -> None:
    event = {"metadata": {"name": "e", "namespace": "apps"}, "involvedObject": {"uid": "u"}}
    listed = {"kind": "EventList", "apiVersion": "v1", "items": [event]}
    found = read({"apps/events.json": orjson.dumps(listed), "apps/app-1/logs.txt": "==== START"})
    assert [item["metadata"]["name"] for item in found.list(EVENT)] == ["e"]
    assert found.problems == []


def test_a_link_and_what_it_leads_to_are_one_file(tmp_path: Path, make: Make) -> None:
    # As later versions of troubleshoot.sh have it.
    (tmp_path / "apps.json").write_bytes(orjson.dumps([make("a")]))
    (tmp_path / "apps.yaml").symlink_to("apps.json")
    sources = [document.source for document in documents(str(tmp_path))]
    assert sources == [str(tmp_path / "apps.json")]


# -- what else is in it


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("errors.json", '["the server could not find the requested resource"]'),
        ("null.json", "null"),
        ("node_metrics/node.json", '{"node": {"nodeName": "a"}, "pods": []}'),
        ("secrets/apps/token.json", '{"namespace": "apps", "name": "t", "secretExists": true}'),
        ("logs.json", '{"level":"info","controllerGroup":"kustomize.toolkit.fluxcd.io"}\n{"lev'),
        ("logs.yaml", "2026-01-01 Secret: a: [\n"),
        ("events.json", '[{"metadata": {"name": "x"}, "reason": "SecretMissing"}]'),
        ("patch.yaml", "- op: remove\n  path: /spec/secretRef # toolkit.fluxcd.io Secret\n"),
        ("binary.json", b"\xff\x00Secret\xff"),
        ("chart.yaml", "kind: Deployment\nx: {{ .Values.x }}\n"),
        ("broken.yaml", "a: ["),
        ("empty.yaml", ""),
    ],
)
def test_what_has_nothing_of_flux_in_it_is_left_alone(
    read: Read, make: Make, name: str, text: bytes | str
) -> None:
    found = read({name: text, "flux.json": orjson.dumps(make("a"))})
    assert (names(found), found.problems) == (["a"], [])


def test_what_mentions_none_of_it_is_not_even_parsed(
    read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    def parse(data: bytes, source: str) -> list[Document]:
        raise AssertionError(source)

    monkeypatch.setattr("statusbot.manifests.document.read_documents", parse)
    assert names(read({"pods.yaml": "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n"})) == []


@pytest.mark.parametrize("text", ["[a, b]", "null_and: [", "just words", '["x"'])
def test_the_same_is_told_of_a_file_that_was_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "errors.json").write_text(text)
    assert problems(Files.read([str(tmp_path / "errors.json")])) == ["errors.json"]


@pytest.mark.parametrize(
    "text",
    [
        "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: ",
        '- apiVersion: "source.toolkit.fluxcd.io/v1"\n  kind: GitRepository\n  spec: [\n',
        '[{"apiVersion": "notification.toolkit.fluxcd.io/v1beta3", "kind": "Al',
        '{"apiVersion":"v1","kind":"Secret","data":{"tok',
        '{"kind": "EventList", "items": [{',
        "\ufeffapiVersion: kustomize.toolkit.fluxcd.io/v1\na: [".encode("utf-16-le"),
    ],
)
def test_half_an_object_stays_a_problem(read: Read, make: Make, text: bytes | str) -> None:
    found = read({"half.yaml": text, "flux.json": orjson.dumps(make("a"))})
    assert (names(found), problems(found)) == (["a"], ["half.yaml"])


def test_an_object_without_a_name_stays_a_problem(read: Read, make: Make) -> None:
    assert problems(read({"x.json": orjson.dumps(make("a", metadata={}))})) == ["x.json"]


def test_utf16_is_read_where_nobody_named_it(read: Read, make: Make) -> None:
    assert names(read({"flux.yaml": yaml.safe_dump(make("a")).encode("utf-16")})) == ["a"]


# -- archives


def test_a_problem_in_an_archive_names_both(tmp_path: Path, make: Make) -> None:
    path = tmp_path / "b.tar.gz"
    tarred(path, {"x/flux.json": orjson.dumps(make("a", metadata={}))})
    assert Files.read([str(path)]).problems[0].source == f"{path}/x/flux.json"


def test_a_name_in_an_archive_is_safe_to_show(tmp_path: Path, make: Make) -> None:
    tarred(tmp_path / "b.tgz", {"\x1b[2J\n\u202e" + "x" * 9999 + ".yaml": orjson.dumps(make("a"))})
    (document,) = documents(str(tmp_path / "b.tgz"))
    assert document.source.isprintable()
    assert len(document.source) <= 200 + len(str(tmp_path / "b.tgz")) + 1


def test_an_archive_without_manifests_is_for_the_user_to_put_right(tmp_path: Path) -> None:
    tarred(tmp_path / "b.tgz", {"logs.txt": b"kind: Secret"})
    with pytest.raises(UsageError, match=r"b\.tgz: there is no \.yaml, \.yml, \.json file in it"):
        Files.read([str(tmp_path / "b.tgz")])


def test_a_folder_may_be_called_like_an_archive(tmp_path: Path, make: Make) -> None:
    placed(tmp_path / "b.tgz", {"a.json": orjson.dumps(make("a"))})
    assert names(Files.read([str(tmp_path / "b.tgz")])) == ["a"]


def test_an_archive_goes_with_other_files(tmp_path: Path, make: Make) -> None:
    tarred(tmp_path / "b.tgz", {"a.json": orjson.dumps(make("a"))})
    (tmp_path / "b.json").write_bytes(orjson.dumps(make("b")))
    found = Files.read([str(tmp_path / "b.tgz"), str(tmp_path / "b.json")])
    assert names(found) == ["a", "b"]


def test_a_document_of_an_array_knows_its_place(tmp_path: Path, make: Make) -> None:
    placed(tmp_path, {"a.yaml": yaml.safe_dump([make("a"), make("b")]).encode()})
    _, second = documents(str(tmp_path))
    assert isinstance(second, Document)
    first_line, column = second.position("$.metadata.name") or (0, 0)
    lines = (tmp_path / "a.yaml").read_text().splitlines()
    assert lines[first_line - 1][column - 1 :] == "b"

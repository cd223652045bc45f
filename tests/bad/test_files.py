"""`--from`: dumps as people make them, broken ones, and what stands beside the broken."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.cli import Ran, cli
from tests.support.objects import Object
from tests.support.world import World


def as_list(objects: list[Object]) -> Object:
    return {"apiVersion": "v1", "kind": "List", "metadata": {}, "items": objects}


def read(*paths: str, stdin: str = "", options: tuple[str, ...] = ()) -> Ran:
    sources = [part for path in paths for part in ("--from", path)]
    return cli("run", "--all", *sources, *options, stdin=stdin)


FORMS = {
    "YAML": lambda objects: "---\n".join(yaml.safe_dump(obj) for obj in objects),
    "YAML list": lambda objects: yaml.safe_dump(as_list(objects)),
    "JSON list": lambda objects: json.dumps(as_list(objects)),
    "JSON one after the other": lambda objects: "\n".join(map(json.dumps, objects)),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("how", ["file", "stdin"])
def test_a_dump_does_what_its_cluster_would(here: World, form: str, how: str) -> None:
    text = FORMS[form](here.objects())
    path = here.folder / "dump"
    path.write_text(text)
    ran = read(str(path)) if how == "file" else read("-", stdin=text)
    assert (ran.code, ran.err, here.shown("healthy")) == (0, "", ["success"])


def test_a_folder_is_read_with_all_below_it(here: World) -> None:
    below = here.folder / "dump" / "deeper"
    below.mkdir(parents=True)
    for number, obj in enumerate(here.objects()):
        (below / f"{number}.yml").write_text(yaml.safe_dump(obj))
    assert read(str(below.parent)).code == 0
    assert here.shown("healthy") == ["success"]


def test_several_files_are_one_cluster(here: World) -> None:
    objects = here.objects()
    first, rest = here.dump(*objects[:2], name="a"), here.dump(*objects[2:], name="b")
    assert read(first, rest).code == 0
    assert here.shown("healthy") == ["success"]


def test_alerts_may_come_from_other_files(here: World) -> None:
    objects = here.objects()
    first, rest = here.dump(*objects[:2], name="a"), here.dump(*objects[2:], name="b")
    assert read(first, options=("--alerts-from", rest)).code == 0
    assert here.shown("healthy") == ["success"]


def test_alerts_from_files_go_with_a_cluster(here: World) -> None:
    objects = here.objects()
    here.kube.delete("Alert", "flux-system", "all")
    here.kube.delete("Provider", "flux-system", "forge")
    assert here.run("--alerts-from", here.dump(*objects[2:4])).code == 0
    assert here.shown("healthy") == ["success"]


def test_one_repository_can_be_named_instead_of_alerts(here: World) -> None:
    ran = cli(
        *("run", "--from", here.dump(*here.objects()[:2])),
        *("--provider-type", "gitea", "--address", here.url),
        env={"STATUSBOT_TOKEN": "forge-token-of-the-tests"},
    )
    assert (ran.code, here.shown("healthy")) == (0, ["success"])


BROKEN = {
    "YAML": "a: [1\n",
    "template": "name: {{ name }}\n",
    "scalar": "just a text\n",
    "list": "- 1\n",
    "no name": "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\n",
    "controls": "a: \x01\n",
    "tag": "!!python/object:os.system x\n",
    "twice": "a: 1\na: 2\n",
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_document_is_told_with_its_file_and_the_others_go_on(
    here: World, name: str
) -> None:
    path = Path(here.dump(*here.objects()))
    path.write_text(f"{BROKEN[name]}---\n{path.read_text()}")
    ran = read(str(path))
    assert (ran.code, here.shown("healthy")) == (1, ["success"])
    (line,) = [line for line in ran.out.splitlines() if line.startswith("error ")]
    assert line.split()[1].startswith(str(path))


def test_a_line_number_tells_where(here: World) -> None:
    path = Path(here.dump(*here.objects()))
    lines = path.read_text().count("\n") + 1
    path.write_text(f"{path.read_text()}---\n- 1\n")
    assert f"{path}:{lines + 1}:1: " in read(str(path)).out


def test_in_json_it_is_an_entry_about_nothing_that_has_a_name(here: World) -> None:
    path = Path(here.dump(*here.objects()))
    path.write_text(f"- 1\n---\n{path.read_text()}")
    report = json.loads(read(str(path), options=("-o", "json")).out)
    (entry,) = [entry for entry in report["statuses"] if entry["outcome"] == "error"]
    named: list[Any] = [entry[key] for key in ("object", "alert", "provider", "commit")]
    assert (named, str(path) in entry["why"]) == ([None] * 4, True)


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"\x00" * 10, "does not allow"), (b"\xff\xfe\xfd", "not text"), (b'{"kind": "Li', ":1:")],
)
def test_a_file_of_anything_is_an_error_and_no_traceback(
    tmp_path: Path, content: bytes, words: str
) -> None:
    path = tmp_path / "anything"
    path.write_bytes(content)
    ran = read(str(path))
    assert (ran.code, ran.err) == (1, "")
    assert f"error      {path}" in ran.out
    assert words in ran.out


@pytest.mark.parametrize("content", ["", "\n \n"])
@pytest.mark.parametrize("how", ["file", "stdin"])
def test_nothing_at_all_is_a_command_that_failed_before(
    tmp_path: Path, content: str, how: str
) -> None:
    path = tmp_path / "dump"
    path.write_text(content)
    ran = read(str(path)) if how == "file" else read("-", stdin=content)
    assert (ran.code, ran.out) == (2, "")
    assert "it is empty: did the command that wrote it fail?" in ran.err


def test_an_empty_list_is_a_cluster_without_objects() -> None:
    ran = read("-", stdin=json.dumps(as_list([])))
    assert (ran.code, ran.out.startswith("0 Kustomizations, 0 results: ")) == (0, True)


@pytest.mark.parametrize("option", ["--from", "--alerts-from"])
def test_a_file_that_is_not_there_is_named(here: World, option: str) -> None:
    path = str(here.folder / "missing")
    ran = cli("run", "--from", here.dump(*here.objects()), option, path)
    assert (ran.code, ran.out, here.forge.calls) == (2, "", [])
    assert f"{path}: cannot read this file: No such file" in ran.err


def test_a_folder_without_manifests_is_named(tmp_path: Path) -> None:
    ran = read(str(tmp_path))
    assert (ran.code, ran.out) == (2, "")
    assert f"{tmp_path}: there is no .yaml, .yml, .json file in it" in ran.err


def test_secrets_of_a_dump_are_used_and_not_shown(here: World) -> None:
    ran = read(here.dump(*here.objects()), options=("--log-level", "debug"))
    assert here.shown("healthy") == ["success"]
    assert "forge-token-of-the-tests" not in ran.out + ran.err
    assert here.objects()[-1]["data"]["token"] not in ran.out + ran.err


def test_with_a_broken_secret_its_content_is_not_shown(here: World) -> None:
    objects = here.objects()
    objects[-1]["data"] = "forge-token-of-the-tests"
    ran = read(here.dump(*objects), options=("--log-level", "debug"))
    assert (ran.code, here.forge.writes) == (1, 0)
    assert "forge-token-of-the-tests" not in ran.out + ran.err


def test_an_object_that_is_there_twice_is_told_and_the_later_one_holds(here: World) -> None:
    objects = here.objects()
    ran = read(here.dump(*objects, objects[1] | {"status": {}}))
    assert "is there twice; this one holds" in ran.out
    assert (ran.code, here.forge.writes) == (1, 0)

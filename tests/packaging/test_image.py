"""What is in the image, and what may be done in it."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from statusbot import __version__
from tests.real.container import Container
from tests.real.image_part import Image

ROOT = Path(__file__).parents[2]
PYTHON = ("/opt/venv/bin/python",)
SHELL = ("/bin/sh", "-c")
MEGABYTES = 1_000_000


def inside(image: Image, check: str) -> Any:
    """What a check of inside_image.py found."""
    here = {"/checks": Path(__file__).parent}
    ran = Container(image, mounts=here, entrypoint=PYTHON).run("/checks/inside_image.py", check)
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


def shell(image: Image, command: str, user: str = "") -> str:
    ran = Container(image, entrypoint=SHELL, user=user).run(command)
    return ran.stdout + ran.stderr


def test_it_adds_no_more_than_120_mb_to_its_base(image: Image) -> None:
    assert image.compressed <= 120 * MEGABYTES


def test_its_labels_tell_what_it_is(image: Image) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    prefix = "org.opencontainers.image."
    labels = image.config["config"]["Labels"].items()
    ours = {name.removeprefix(prefix): text for name, text in labels if name.startswith(prefix)}
    assert ours == {
        "title": project["name"],
        "description": project["description"],
        "licenses": project["license"],
        "version": __version__,
        "revision": "unknown",
    }


def test_it_starts_with_the_entrypoint(image: Image) -> None:
    assert Container(image).run("--version").stdout == f"statusbot, version {__version__}\n"


def test_a_shell_in_it_finds_the_command(image: Image) -> None:
    assert shell(image, "statusbot --version") == f"statusbot, version {__version__}\n"


def test_it_runs_as_anybody_but_root(image: Image) -> None:
    assert shell(image, "id -u; id -g").split() == ["1001", "1001"]


@pytest.mark.parametrize("user", ["", "4321:4321"])
def test_it_can_write_nothing_but_temporary_files(image: Image, user: str) -> None:
    here = {"/checks": Path(__file__).parent}
    container = Container(image, mounts=here, entrypoint=PYTHON, user=user)
    assert json.loads(container.run("/checks/inside_image.py", "writable").stdout) == []
    assert shell(image, "touch /tmp/a && echo yes", user) == "yes\n"


def test_its_file_system_is_read_only_for_root_too(image: Image) -> None:
    assert "Read-only file system" in shell(image, "touch /opt/statusbot/a", "0:0")


def test_it_has_no_rights_and_gets_none(image: Image) -> None:
    status = shell(image, "cat /proc/self/status").splitlines()
    found = dict(line.split(":\t", 1) for line in status if ":\t" in line)
    assert (found["CapEff"], found["NoNewPrivs"]) == ("0" * 16, "1")


def test_nothing_of_ours_gives_rights_or_may_be_changed(image: Image) -> None:
    assert inside(image, "privileged") == []


def test_it_holds_what_the_dockerfile_names(image: Image) -> None:
    expected = ["LICENSE", "__pycache__", "entrypoint.py", "schemas", "statusbot"]
    assert inside(image, "files") == expected


def test_it_holds_no_packages_but_those_of_the_lock_files(image: Image) -> None:
    locked = {
        line.partition("==")[0]
        for lock in ("requirements.lock", "requirements-cel.lock")
        for line in (ROOT / lock).read_text().splitlines()
        if "==" in line
    }
    there = {name.replace("_", "-").replace(".", "-") for name in inside(image, "packages")}
    assert "kubernetes" in there
    assert there <= locked


def test_what_was_taken_out_is_imported_by_nothing(image: Image) -> None:
    assert inside(image, "not_there") == []


def test_nothing_is_left_to_compile_at_a_start(image: Image) -> None:
    assert inside(image, "not_compiled") == []

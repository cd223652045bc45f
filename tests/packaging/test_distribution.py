"""What is locked, and what a wheel holds."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from statusbot import __version__

ROOT = Path(__file__).parents[2]
LOCKS = (
    "requirements.lock",
    "requirements-build.lock",
    "requirements-cel.lock",
    "requirements-dev.lock",
)
_NAME = r"^([a-z0-9-]+)==([^\s;]+)(?: ; [^\\]+)?"
_PINNED = re.compile(_NAME + r"(?: \\\n    --hash=sha256:[0-9a-f]{64})+$", re.MULTILINE)


def pinned(lock: str) -> dict[str, str]:
    return dict(_PINNED.findall((ROOT / lock).read_text()))


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.Path:
    """Built as `pip install` would build it."""
    folder = tmp_path_factory.mktemp("wheel")
    hatchling = (sys.executable, "-m", "hatchling", "build", "--target", "wheel")
    command = (*hatchling, "--directory", str(folder))
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=60)
    [made] = folder.glob("*.whl")
    return zipfile.Path(made)


def names(folder: zipfile.Path) -> set[str]:
    return {entry.name for entry in folder.iterdir()}


@pytest.mark.parametrize("lock", LOCKS)
def test_all_that_is_locked_has_hashes(lock: str) -> None:
    lines = (ROOT / lock).read_text().splitlines()
    assert len(pinned(lock)) == sum("==" in line for line in lines)


@pytest.mark.parametrize("lock", LOCKS[:-1])
def test_tests_run_with_what_is_shipped(lock: str) -> None:
    assert pinned(lock).items() <= pinned("requirements-dev.lock").items()


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_index(lock: str) -> None:
    assert "://" not in (ROOT / lock).read_text()


def test_the_extra_is_what_is_locked_for_it() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    extra = project["project"]["optional-dependencies"]["cel"]
    assert extra == project["dependency-groups"]["cel"]
    assert set(pinned("requirements-cel.lock")) == {"cel-expr-python"}


def test_a_wheel_holds_the_schemas(wheel: zipfile.Path) -> None:
    there = {path.name for path in (ROOT / "schemas").glob("*.json")}
    assert there <= names(wheel / "statusbot" / "schemas")


def test_a_wheel_holds_the_recordings_of_the_demo(wheel: zipfile.Path) -> None:
    there = {path.name for path in (ROOT / "statusbot/demo/recordings").glob("*.json*")}
    assert there <= names(wheel / "statusbot" / "demo" / "recordings")


def test_a_wheel_holds_the_licence(wheel: zipfile.Path) -> None:
    metadata = wheel / f"statusbot-{__version__}.dist-info"
    assert "LICENSE" in names(metadata / "licenses")

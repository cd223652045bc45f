"""What is locked, and what a wheel holds."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

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
def wheel_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built as `pip install` would build it."""
    folder = tmp_path_factory.mktemp("wheel")
    hatchling = (sys.executable, "-m", "hatchling", "build", "--target", "wheel")
    command = (*hatchling, "--directory", str(folder))
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=60)
    [made] = folder.glob("*.whl")
    return made


@pytest.fixture(scope="module")
def wheel(wheel_file: Path) -> Iterator[zipfile.Path]:
    with zipfile.ZipFile(wheel_file) as archive:
        yield zipfile.Path(archive)


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


PYTHONS = ("3.11", "3.12", "3.13", "3.14")
# As old a Linux as the packages agree on: RHEL 8, Debian 10, Ubuntu 20.04 and newer.
LINUX = ("x86_64-manylinux_2_28", "aarch64-manylinux_2_28")


def uv(*arguments: str | Path) -> None:
    """Skips the test loudly where no package index can be reached, unless that is required."""
    command = [shutil.which("uv", path=Path(sys.executable).parent) or "uv", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=100)
    if done.returncode and re.search("error sending request|Could not connect", done.stderr):
        no_index()
    assert done.returncode == 0, done.stderr


def no_index() -> NoReturn:
    if os.environ.get("CI") == "true":
        pytest.fail("a package index is required here, and none answers")
    pytest.skip("REAL PARTS SKIPPED: there is no package index to ask for wheels")


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("platform", LINUX)
def test_all_that_is_shipped_has_wheels(python: str, platform: str, tmp_path: Path) -> None:
    only = ("--only-binary=:all:", "--no-deps", "--require-hashes", "--dry-run", "--no-config")
    where = (f"--python-version={python}", f"--python-platform={platform}", "--target", tmp_path)
    uv("pip", "install", *only, *where, *(f"--requirements={name}" for name in LOCKS[:1]))
    uv("pip", "install", *only, *where, "--requirements=requirements-cel.lock")


def interpreter(version: str) -> str:
    """The path of this Python; skips the test where there is none."""
    found = shutil.which(f"python{version}")
    candidates = [found] if found else []
    if pyenv := shutil.which("pyenv"):
        listed = subprocess.run([pyenv, "versions", "--bare"], capture_output=True, text=True)
        names = (line for line in listed.stdout.split() if line.startswith(f"{version}."))
        for name in names:
            prefix = subprocess.run([pyenv, "prefix", name], capture_output=True, text=True)
            candidates.append(f"{prefix.stdout.strip()}/bin/python")
    for path in candidates:
        if subprocess.run([path, "-c", ""], capture_output=True).returncode == 0:
            return path
    pytest.skip(f"there is no Python {version} here")


@pytest.fixture(scope="module", params=PYTHONS)
def installed(
    request: pytest.FixtureRequest, wheel_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The folder of programs of a new environment with the wheel and what is locked."""
    folder = tmp_path_factory.mktemp("installed") / "venv"
    uv("venv", "--quiet", "--no-project", f"--python={interpreter(request.param)}", folder)
    into = ("pip", "install", "--quiet", "--no-config", f"--python={folder}/bin/python")
    uv(*into, "--require-hashes", "--only-binary=:all:", "--requirements=requirements.lock")
    uv(*into, "--no-deps", "--no-index", wheel_file)
    return folder / "bin"


def ran(folder: Path, *command: str | Path) -> str:
    """What a program of the environment printed, called from where no checkout is."""
    env = {"PATH": os.environ["PATH"], "HOME": str(folder)}
    command = (folder / command[0], *command[1:])
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True)
    return done.stdout + done.stderr


def test_an_installed_wheel_is_a_command(installed: Path) -> None:
    assert ran(installed, "statusbot", "--version") == f"statusbot, version {__version__}\n"


def test_an_installed_wheel_is_a_module(installed: Path) -> None:
    said = ran(installed, "python", "-m", "statusbot", "--version")
    assert said == f"statusbot, version {__version__}\n"


def test_the_entrypoint_is_the_same_command(installed: Path) -> None:
    said = ran(installed, "python", ROOT / "entrypoint.py", "--version")
    assert said == f"statusbot, version {__version__}\n"


def test_an_installed_wheel_checks_against_its_schemas(installed: Path) -> None:
    """A Provider that only the schema refuses."""
    example = ROOT / "tests/examples/invalid/provider-type-unknown.yaml"
    said = ran(installed, "statusbot", "run", "--dry-run", "--from", example, "--all")
    assert "spec.type" in said


# What macOS does not have, though Python does on Linux.
_LINUX_ONLY = re.compile(
    r"\bos\.(sched_\w+|memfd_create|eventfd|pidfd_open|splice|copy_file_range|setns|unshare"
    r"|posix_fadvise|getrandom|O_TMPFILE)\b|/proc/|\bprctl\b|\bepoll\b|\binotify\b"
    r"|\bpipe2\b|\bRLIMIT_RTTIME\b|\bsigtimedwait\b|\bSOCK_CLOEXEC\b"
)


# What is asked of the system where it has it: each has another way, or goes without.
_WHERE_IT_IS = {
    "statusbot/transport/wire.py": {"/proc/"},
    "statusbot/cluster/in_time.py": {"/proc/"},
}


def test_nothing_that_is_shipped_is_linux_only() -> None:
    paths = [ROOT / "entrypoint.py", *(ROOT / "statusbot").rglob("*.py")]
    found = {
        path.relative_to(ROOT).as_posix(): {
            one[0] for one in _LINUX_ONLY.finditer(path.read_text())
        }
        for path in paths
    }
    assert {name: words for name, words in found.items() if words} == _WHERE_IT_IS

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.real import parts
from tests.real.parts import NoGoError, built, is_built, unavailable


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


@pytest.fixture
def build() -> Callable[[Path], None]:
    def build(folder: Path) -> None:
        (folder / "binary").write_text("new")

    return build


def broken(folder: Path) -> None:
    (folder / "half").touch()
    raise RuntimeError("the compiler ran out of memory")


def test_a_part_is_built_where_the_cache_is(build: Callable[[Path], None], tmp_path: Path) -> None:
    assert built("etcd", "1.0", build) == tmp_path / "statusbot" / "parts" / "etcd-1.0"


def test_a_part_is_built_once(build: Callable[[Path], None]) -> None:
    built("etcd", "1.0", build)
    assert (built("etcd", "1.0", broken) / "binary").read_text() == "new"


def test_a_part_is_there_once_it_is_built(build: Callable[[Path], None]) -> None:
    before = is_built("etcd", "1.0")
    built("etcd", "1.0", build)
    assert (before, is_built("etcd", "1.0")) == (False, True)


def test_another_version_is_another_part(build: Callable[[Path], None]) -> None:
    built("etcd", "1.0", build)
    with pytest.raises(RuntimeError):
        built("etcd", "2.0", broken)


def test_a_build_that_failed_leaves_nothing(build: Callable[[Path], None]) -> None:
    with pytest.raises(RuntimeError):
        built("etcd", "1.0", broken)
    assert [path.name for path in parts.parts_folder().iterdir()] == ["etcd-1.0.lock"]


def test_without_go_there_is_nothing_to_build_with(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(NoGoError):
        parts.go("version")


def test_without_go_tests_are_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.delenv("STATUSBOT_REQUIRE_REAL", raising=False)
    with pytest.raises(pytest.skip.Exception, match="REAL PARTS SKIPPED: no go"):
        unavailable("etcd", NoGoError("no go"))


@pytest.mark.parametrize(("name", "value"), [("CI", "true"), ("STATUSBOT_REQUIRE_REAL", "1")])
def test_where_real_parts_are_required_tests_fail(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(pytest.fail.Exception, match="required"):
        unavailable("etcd", NoGoError("no go"))

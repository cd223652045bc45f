"""Fixtures that tests of several packages share."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING

import hypothesis
import pytest

if TYPE_CHECKING:
    from tests.real.apiserver import ApiServer
    from tests.real.gitea import Gitea
    from tests.support.forge_watch import Watch

_SKIPPED = "REAL PARTS SKIPPED"

# A change is judged by the same examples each time it is; at home every run looks further.
hypothesis.settings.register_profile("ci", derandomize=True, print_blob=True)
if os.environ.get("CI") == "true":
    hypothesis.settings.load_profile("ci")


@pytest.fixture(scope="session")
def forge_watch() -> Iterator[Watch]:
    """Sees every call of every embedded forge in this process."""
    from tests.support.forge_watch import Watch

    watch = Watch()
    watch.install()
    yield watch
    watch.remove()
    assert watch.errors() == []


@pytest.fixture(autouse=True)
def embedded_forges_keep_to_their_documents(forge_watch: Watch) -> Iterator[None]:
    """Fail a test during which an embedded forge heard or said what its API document forbids."""
    yield
    assert forge_watch.errors() == []


@pytest.fixture(scope="session")
def apiserver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    """A real kube-apiserver with Flux's CRDs; skipped without Go unless real parts are required."""
    from tests.real.apiserver import started
    from tests.real.parts import NoGoError, unavailable

    try:
        server = started(tmp_path_factory.mktemp("apiserver"))
        with server as running:
            yield running
    except NoGoError as error:
        unavailable("etcd and kube-apiserver", error)


@pytest.fixture(scope="session")
def gitea() -> Iterator[Gitea]:
    """The real Gitea of this session; skipped without Go unless real parts are required."""
    from tests.real.gitea import started
    from tests.real.parts import NoGoError, unavailable

    try:
        with started() as running:
            yield running
    except NoGoError as error:
        unavailable("Gitea", error)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The first test on a real kube-apiserver may wait for its build: minutes, once."""
    from tests.real.control_plane_parts import are_built

    if are_built():
        return
    for item in items:
        callspec = getattr(item, "callspec", None)
        real = callspec is not None and "real" in callspec.params.values()
        if real or "apiserver" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.timeout(1800))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show what the real server logged beside a test that failed on it."""
    report = yield
    server = getattr(item, "funcargs", {}).get("apiserver")
    if report.failed and server is not None:
        words = server.log.read_text(errors="replace").splitlines()[-15:]
        report.sections.append(("kube-apiserver", "\n".join(words)))
    return report


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter,
) -> Generator[None, None, None]:
    """Say loudly, once and last, that part of the tests met no real server."""
    yield
    skipped = terminalreporter.stats.get("skipped", [])
    reasons = {str(report.longrepr[2]) for report in skipped if isinstance(report.longrepr, tuple)}
    for reason in sorted(reasons):
        if _SKIPPED in reason:
            terminalreporter.write_line(reason.removeprefix("Skipped: "), red=True, bold=True)

"""Every command of the pages is run, and prints what they show of it."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import threading
from collections.abc import Iterator

import pytest

from tests.docs.conftest import Real
from tests.docs.scenes import FORGET, SCENES, Scene
from tests.support.docs_site import Site, objects, provider
from tests.support.pages import ROOT, Block, pages
from tests.support.shell_lines import commands, lines
from tests.support.shown import missing

# What is called for real: from this checkout, built by Go, or of every machine that has Git.
REAL = {"kubectl", "kustomize", "statusbot", "git", "mkdir", "source"}
# What would take minutes, or run this test again: which file has the same, and what it says there.
ELSEWHERE = {
    "make demo": ("tests/cli/test_demo.py", "test_the_demo_ends_with_0_when_all_of_it_was_right"),
    "make test": (".ci/run", "make test"),
    "make lint": (".ci/run", "make lint"),
    ".ci/run": (".github/workflows/ci.yml", "run: .ci/run"),
    "docker build": (".github/workflows/ci.yml", "docker build"),
    "docker run": (".github/workflows/ci.yml", "docker run --rm"),
    "docker buildx": (
        "tests/packaging/test_distribution.py",
        "test_all_that_is_shipped_has_wheels",
    ),
    "pipx install": (
        "tests/packaging/test_distribution.py",
        "test_an_installed_wheel_is_a_command",
    ),
}


def blocks(*languages: str) -> dict[str, Block]:
    found = [block for page in pages().values() for block in page.blocks]
    return {block.name: block for block in found if block.language in languages}


SHELL = blocks("sh", "console")


def elsewhere(words: list[str]) -> str:
    """Its entry in the table, or none."""
    return next((key for key in ELSEWHERE if words[: len(key.split())] == key.split()), "")


def called(block: Block) -> list[list[str]]:
    return [words for line in lines(script(block)) for words in commands(line)]


def script(block: Block) -> str:
    """What a reader types."""
    if block.language == "sh":
        return block.text
    typed = [line[2:] for line in block.text.splitlines() if line.startswith("$ ")]
    return "\n".join(typed)


def shown(block: Block) -> str:
    """What the page shows of its output."""
    if block.language == "console":
        kept = [line for line in block.text.splitlines() if not line.startswith("$ ")]
        return "\n".join(kept)
    after = OUTPUTS.get(block.name)
    return after.text if after else ""


def outputs() -> dict[str, Block]:
    """The blocks of plain text, each by the last command before it under the same heading."""
    found: dict[str, Block] = {}
    for page in pages().values():
        for before, after in zip(page.blocks, page.blocks[1:], strict=False):
            if after.language == "text":
                assert before.language == "sh" and before.heading == after.heading, after.name
                found[before.name] = after
    return found


OUTPUTS = outputs()


def run(place: Site, text: str, scene: Scene, *, terminal: bool = False) -> tuple[int, str]:
    """The exit code of a block, and all that it printed."""
    there, out = os.openpty() if terminal else os.pipe()
    process = place.popen(text, out)
    os.close(out)
    printed = ""
    try:
        for number, line in enumerate(_lines(there), 1):
            printed += line
            if number in scene.then:
                place.cluster.put(scene.then[number](objects(place.commit)))
        return process.wait(), printed
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _lines(there: int) -> Iterator[str]:
    # A terminal whose last writer left is an error to read.
    with open(there, errors="replace") as stream, contextlib.suppress(OSError):
        yield from stream


def set_up(place: Site, block: Block, scene: Scene) -> None:
    """The files that the page shows above the block, and the scene."""
    for above in pages()[block.page].blocks:
        named = re.match(r"# (\S+\.yaml)\n", above.text)
        if named and above.heading == block.heading and above.number < block.number:
            (place.clone / named[1]).write_text(above.text)
    place.cluster.put(scene.change(objects(place.commit)))
    if scene.before:
        code, printed = run(place, scene.before, Scene())
        assert code == 0, printed


@pytest.mark.parametrize("name", SHELL)
def test_every_command_is_of_a_program_that_is_run_or_tested_elsewhere(name: str) -> None:
    for words in called(SHELL[name]):
        assert words[0] in REAL or elsewhere(words), words


@pytest.mark.parametrize("command", ELSEWHERE)
def test_what_is_tested_elsewhere_is_there(command: str) -> None:
    file, text = ELSEWHERE[command]
    assert text in (ROOT / file).read_text()
    assert command in {elsewhere(words) for block in SHELL.values() for words in called(block)}


def here(block: Block) -> str:
    """The lines of a block that are run."""
    kept = [line for line in lines(script(block)) if not any(map(elsewhere, commands(line)))]
    return "\n".join(kept)


RUN = {name: here(block) for name, block in SHELL.items() if here(block)}
ON_REAL = [name for name, text in RUN.items() if re.search(r"\b(kubectl|kustomize)\b", text)]


@pytest.mark.parametrize("name", [name for name in RUN if name not in ON_REAL])
def test_statusbot_does_what_the_page_says(on_embedded: Site, name: str) -> None:
    check(on_embedded, name)


@pytest.mark.parametrize("name", ON_REAL)
def test_kubectl_does_what_the_page_says(on_real: Site, real: Real, name: str) -> None:
    with finishing(real) if "kubectl delete -k" in RUN[name] else contextlib.nullcontext():
        check(on_real, name)


@contextlib.contextmanager
def finishing(real: Real) -> Iterator[None]:
    """With somebody who finishes what is to be deleted."""
    thread = threading.Thread(target=real.finish_namespaces)
    thread.start()
    yield
    thread.join()


def check(place: Site, name: str) -> None:
    block, scene = SHELL[name], SCENES.get(name, Scene())
    set_up(place, block, scene)
    expected = shown(block)
    code, printed = run(place, RUN[name], scene, terminal="├" in expected)
    assert code == scene.code, printed
    if expected:
        assert missing(expected, printed) == "", printed


def test_every_scene_is_of_a_block() -> None:
    assert SCENES.keys() <= RUN.keys()


def test_the_readmes_way_into_the_cluster_ends_in_statuses(on_real: Site) -> None:
    """Its commands one after the other, and then what the CronJob calls."""
    way = [name for name in RUN if name.startswith("README.md#in-the-cluster")]
    assert len(way) == 3
    code, printed = run(on_real, SCENES[way[0]].before, Scene())
    assert code == 0, printed
    for name in way:
        set_up(on_real, SHELL[name], Scene())
        code, printed = run(on_real, RUN[name], Scene())
        assert code == 0, printed
    code, printed = run(on_real, "statusbot run --ledger configmap:statusbot/statusbot", Scene())
    assert code == 0, printed
    posted = {stored.row.context.split("/")[1] for stored in on_real.forge.stored}
    assert posted == {"apps", "infra"}


TYPES = {
    name: found[1]
    for name in RUN
    if (found := re.search(r"\(`(\w+)`\)$", SHELL[name].heading))
    and name.startswith("docs/providers.md")
}
ADDRESSES = {
    "github": "https://github.com/my-org/my-repo",
    "gitlab": "https://gitlab.com/my-org/my-repo",
    "gitea": "https://git.example.com/my-org/my-repo",
    "bitbucket": "https://bitbucket.org/my-org/my-repo",
    "bitbucketserver": "https://git.example.com/scm/my/my-repo.git",
    "azuredevops": "https://dev.azure.com/my-org/my-project/_git/my-repo",
}


@pytest.mark.parametrize("name", TYPES)
def test_each_secret_is_one_that_its_type_takes(on_real: Site, name: str) -> None:
    assert run(on_real, f"{FORGET}; {RUN[name]}", Scene())[0] == 0
    made = re.findall(r"create secret generic (\S+)", RUN[name])
    for secret in made:
        spec = {"address": ADDRESSES[TYPES[name]], "secretRef": {"name": secret}}
        text = json.dumps(provider("forge", type=TYPES[name], **spec))
        (on_real.clone / "provider.json").write_text(text)
        get = f"kubectl -n flux-system get secret {secret} -o json > secret.json"
        check_ = "statusbot validate --complete --fail-on warning provider.json secret.json"
        code, printed = run(on_real, f"{get}; {check_}", Scene())
        assert code == 0, printed

"""The rights that the manifests give suffice on a real kube-apiserver, and each of them is needed."""

from __future__ import annotations

import json
import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from statusbot.cluster import live
from statusbot.cluster.listing import Ability
from statusbot.demo.forge import EmbeddedForge
from statusbot.posting import desk
from tests.real import deployed
from tests.real.apiserver import started
from tests.real.deployed import ALL, BOT, DEFAULT, FLUX, INDEXED, SINGLE, pytest_params
from tests.real.parts import NoGoError, unavailable
from tests.real.rights_scene import NEXT, PAST, REPOSITORY, SHA, SOURCES, WORDS, Bot, EndsIt, Scene
from tests.support import kube
from tests.support.cli import Ran
from tests.support.kube import Client
from tests.support.rbac import Right, rights

LONG = "60s"  # a guard against what never comes, no measurement
APPS = "kustomization/apps/"


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    folder = tmp_path_factory.mktemp("rights")
    deployed.objects()  # skips first where there is nothing to test with
    try:
        with started(folder) as server:
            server.namespace(FLUX)
            server.namespace(BOT)
            scene = Scene(server, folder)
            scene.fill()
            yield scene
    except NoGoError as error:
        unavailable("etcd and kube-apiserver", error)


@pytest.fixture
def forge(scene: Scene) -> Iterator[EmbeddedForge]:
    """A forge that shows nothing, and no ledger."""
    scene.clear(BOT)
    scene.clear(FLUX)
    with scene.forge() as forge:
        yield forge


def shown(forge: EmbeddedForge, commit: str) -> list[str]:
    """What the commit shows: the name of the Kustomization and the state."""
    rows = forge.rows(REPOSITORY, commit)
    return sorted(f"{row.context.split('/')[1]} {row.state}" for row in rows)


EVERYTHING = sorted(["apps success", *(f"stalled-{kind.lower()} error" for kind in SOURCES)])


# -- all of them


@pytest_params(DEFAULT, SINGLE, ALL)
def test_the_rights_suffice_to_post_everything(
    scene: Scene, forge: EmbeddedForge, variant: str
) -> None:
    ran = scene.run(scene.bot(variant))
    assert (ran.code, shown(forge, SHA)) == (0, EVERYTHING), ran
    assert [row.description for row in forge.rows(REPOSITORY, PAST)] == [f"build failed: {WORDS}"]


@pytest_params(DEFAULT, SINGLE, ALL)
def test_with_these_rights_there_is_nothing_to_complain_of(
    scene: Scene, forge: EmbeddedForge, variant: str
) -> None:
    ran = scene.run(scene.bot(variant))
    assert (ran.err, json.loads(ran.out)["counts"]["errors"]) == ("", 0)


@pytest_params(DEFAULT, SINGLE)
def test_the_rights_suffice_to_remember(scene: Scene, forge: EmbeddedForge, variant: str) -> None:
    bot = scene.bot(variant)
    scene.run(bot)
    again = scene.run(bot)
    assert json.loads(again.out)["forge_calls"] == {"read": 0, "write": 0}
    assert scene.lease_holder(bot.namespace) == ""


def test_the_rights_of_shards_suffice_for_each_of_them(scene: Scene, forge: EmbeddedForge) -> None:
    bot, count = scene.bot(INDEXED), deployed.job(INDEXED)["completions"]
    for index in range(count):
        ran = scene.run(bot, shard=f"{index}/{count}")
        assert (ran.code, ran.err) == (0, "")
    assert shown(forge, SHA) == EVERYTHING
    assert len(scene.leases(BOT)) == count


@pytest_params(DEFAULT, SINGLE)
def test_the_rights_suffice_to_follow(scene: Scene, forge: EmbeddedForge, variant: str) -> None:
    end = threading.Thread(target=_change_and_end, args=(scene, forge))
    end.start()
    try:
        ran = scene.run(scene.bot(variant), seconds=LONG)
    finally:
        end.join()
        scene.applied(SHA)
    assert shown(forge, NEXT) == ["apps success"], ran
    assert ran.err == ""


def _change_and_end(scene: Scene, forge: EmbeddedForge) -> None:
    """Once the poll has posted, another commit is there; once that is posted, it is enough."""
    for commit in (SHA, NEXT):
        end = time.monotonic() + 20
        while "apps success" not in shown(forge, commit) and time.monotonic() < end:
            time.sleep(0.02)
        if commit == SHA:
            scene.applied(NEXT)
    os.kill(os.getpid(), signal.SIGINT)


# -- each of them

Prepared = Callable[[Scene, Bot, pytest.MonkeyPatch], None]


def _nothing(scene: Scene, bot: Bot, patch: pytest.MonkeyPatch) -> None:
    """It is needed always."""


def _of_an_older_server(scene: Scene, bot: Bot, patch: pytest.MonkeyPatch) -> None:
    """It does not stream what there is as the beginning of a watch."""
    patch.setattr(live, "Ability", lambda: Ability(streams=False))


def _late(scene: Scene, bot: Bot, patch: pytest.MonkeyPatch) -> None:
    """Results have waited for long, so their objects are read again."""
    patch.setattr(desk, "FRESH_FOR", -1.0)


def _followed(scene: Scene, bot: Bot, patch: pytest.MonkeyPatch) -> None:
    """It follows, until it says that it cannot."""


def _not_the_first(scene: Scene, bot: Bot, patch: pytest.MonkeyPatch) -> None:
    scene.lease_of_nobody(bot.namespace)


def _not_alone(scene: Scene, bot: Bot, patch: pytest.MonkeyPatch) -> None:
    """Somebody else's ConfigMap is where the ledger's goes."""
    scene.namesake(bot.namespace)


def _shrunk(scene: Scene, bot: Bot, patch: pytest.MonkeyPatch) -> None:
    scene.left_over(bot.namespace)


# When each right is needed. Who lacks it is told of it then.
WHEN: dict[Right, Prepared] = {
    Right("kustomizations", "get"): _late,
    Right("kustomizations", "list"): _of_an_older_server,
    Right("kustomizations", "watch"): _followed,
    **{Right(plural, "get"): _nothing for plural in SOURCES.values()},
    **{Right(plural, "list"): _of_an_older_server for plural in SOURCES.values()},
    **{Right(plural, "watch"): _followed for plural in SOURCES.values()},
    Right("alerts", "list"): _of_an_older_server,
    Right("alerts", "watch"): _followed,
    Right("providers", "list"): _of_an_older_server,
    Right("providers", "watch"): _followed,
    Right("events", "list"): _nothing,
    Right("secrets", "get"): _nothing,
    Right("configmaps", "get"): _not_alone,
    Right("configmaps", "list"): _nothing,
    Right("configmaps", "create"): _nothing,
    Right("configmaps", "update"): _nothing,
    Right("configmaps", "delete"): _shrunk,
    Right("leases", "get"): _nothing,
    Right("leases", "create"): _nothing,
    Right("leases", "update"): _not_the_first,
}
CASES = [
    *(
        pytest.param(variant, right, id=f"{name}-{right}")
        for variant, name in ((DEFAULT, "default"), (SINGLE, "single-namespace"))
        for right in WHEN
    ),
    pytest.param(ALL, Right("secrets", "get"), id="all-namespaces-get secrets"),
]


@pytest_params(*deployed.VARIANTS)
def test_it_is_known_of_each_right_when_it_is_needed(variant: str) -> None:
    assert set(rights(deployed.objects(variant))) == set(WHEN)


@pytest.mark.parametrize(("variant", "right"), CASES)
def test_who_lacks_a_right_is_told_so(
    scene: Scene,
    forge: EmbeddedForge,
    monkeypatch: pytest.MonkeyPatch,
    variant: str,
    right: Right,
) -> None:
    ran = _lacking(scene, monkeypatch, variant, right)
    assert f'cannot {right.verb} resource "{right.resource}"' in _told(ran), ran


def _lacking(scene: Scene, patch: pytest.MonkeyPatch, variant: str, right: Right) -> Ran:
    bot, when = scene.bot(variant, right), WHEN[right]
    when(scene, bot, patch)
    # Words are only lent: that they are not is no warning.
    level = ("--log-level", "info") if right.resource == "events" else ()
    follow, handler = logging.getLogger("statusbot.follow.follow"), EndsIt(logging.WARNING)
    follow.addHandler(handler)
    try:
        return scene.run(bot, *level, seconds=LONG if when is _followed else "")
    finally:
        follow.removeHandler(handler)


def _told(ran: Ran) -> str:
    """All that was said, as it is meant."""
    said = [str(status["why"]) for status in json.loads(ran.out)["statuses"]] if ran.out else []
    return "\n".join([ran.err, *said])


# -- and no more


@pytest.fixture(scope="module")
def robot(scene: Scene) -> Iterator[Client]:
    """Who the pods of the default are."""
    config: dict[str, Any] = json.loads(scene.bot(DEFAULT).kubeconfig.read_text())
    with scene.server.client(None, token=config["users"][0]["user"]["token"]) as client:
        yield client


@pytest.mark.parametrize(
    "path",
    [
        kube.core("secrets"),
        kube.core("secrets", FLUX),
        kube.core("secrets", "default", "forge-token"),
        kube.core("secrets", BOT, "forge-token"),
        kube.core("configmaps"),
        kube.core("configmaps", FLUX),
        kube.core("pods"),
    ],
)
def test_the_rights_do_not_reach(robot: Client, path: str) -> None:
    assert robot.get(path).status == 403


def test_the_rights_change_nothing_of_fluxs(robot: Client) -> None:
    made = robot.post(kube.kustomizations(FLUX), kube.kustomization(FLUX, "mine"))
    assert made.status == 403


def test_a_lease_of_somebody_else_stays_theirs(scene: Scene, robot: Client) -> None:
    leases = f"/apis/coordination.k8s.io/v1/namespaces/{BOT}/leases"
    scene.server.admin.post(leases, kube.lease(BOT, "theirs")).ok()
    assert robot.put(f"{leases}/theirs", kube.lease(BOT, "theirs", "mine")).status == 403

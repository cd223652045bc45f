"""``-l`` and ``--shard``: each run posts its part, and all parts together what one run would."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from statusbot.demo.forge import faults
from tests.support.objects import C1, alert, kustomization
from tests.support.world import REPOSITORY, World, world

FLEET = {"kind": "GitRepository", "name": "fleet", "namespace": "flux-system"}


@pytest.fixture
def here(tmp_path: Path) -> Iterator[World]:
    """Six Kustomizations: `healthy`, one of another team, and `apps` of four tenants."""
    with world(tmp_path) as made:
        labelled = kustomization(name="other")
        labelled["metadata"]["labels"] = {"team": "b"}
        tenants = [kustomization(name="apps", namespace=f"t{i}", source=FLEET) for i in range(4)]
        spaces = [{"kind": "Kustomization", "name": "*", "namespace": f"t{i}"} for i in range(4)]
        made.add(labelled, *tenants, alert("tenants", eventSources=spaces))
        yield made


def contexts(here: World) -> list[str]:
    return sorted(row.context for row in here.forge.rows(REPOSITORY, C1))


def test_what_has_not_the_labels_is_not_posted(here: World) -> None:
    here.run("-l", "team=b")
    assert [context.split("/")[1] for context in contexts(here)] == ["other"]


def test_what_has_not_the_labels_is_not_counted(here: World) -> None:
    assert here.report("-l", "team=b")["counts"]["objects"] == 1


def test_labels_that_nothing_has_are_told(here: World) -> None:
    ran = here.run("-l", "team=c")
    assert "warning: no Kustomization is selected by -l team=c" in ran.out


def test_a_namesake_that_is_not_selected_is_one_all_the_same(here: World) -> None:
    mine = kustomization(name="other", namespace="t0", source=FLEET)
    here.add(mine)
    here.run("-l", "team=b")
    (context,) = contexts(here)
    assert context.startswith("kustomization/flux-system/other/")


@pytest.mark.parametrize("count", [2, 3])
def test_all_shards_together_post_what_one_run_would(here: World, count: int) -> None:
    for index in range(count):
        assert here.run("--shard", f"{index}/{count}").code == 0
    parts = contexts(here)
    assert len(parts) == len(set(parts)) == 6
    # Whoever sees all of them finds nothing that is missing, or under another name.
    assert (here.report()["counts"]["posted"], contexts(here)) == (0, parts)


def test_shards_share_the_work(here: World) -> None:
    numbers = [here.report("--shard", f"{index}/2")["counts"]["objects"] for index in range(2)]
    assert sum(numbers) == 6
    assert 0 < numbers[0] < 6


def test_an_indexed_job_tells_its_pods_their_shard(here: World) -> None:
    env = {"JOB_COMPLETION_INDEX": "1", "STATUSBOT_SHARDS": "2"}
    mine = here.report("--shard", "1/2")["counts"]["objects"]
    assert f"{mine} Kustomization" in here.run(env=env).out


def test_what_was_owed_to_another_selection_waits_for_that_one(here: World) -> None:
    ledger = ("--ledger", f"file:{here.folder / 'ledger'}")
    here.forge.faults.always(fault=faults.answer(502, "{}"))
    here.run("-l", "team=b", *ledger)
    here.forge.faults.clear()
    here.run("-l", "!team", *ledger)
    assert len(contexts(here)) == 5


def test_the_aggregate_of_all_is_no_shards_to_tell(here: World) -> None:
    ran = here.run("--shard", "0/2", "--aggregate", "flux")
    assert (ran.code, here.forge.calls) == (2, [])
    assert "no shard sees all Kustomizations" in ran.err

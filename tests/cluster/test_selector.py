from __future__ import annotations

import pytest

from statusbot.cluster.selector import Selector
from statusbot.errors import UsageError

LABELS = {"app": "web", "tier": "", "sharding.fluxcd.io/key": "shard1"}


@pytest.mark.parametrize(
    "text",
    [
        "app=web",
        "app==web",
        " app = web ",
        "app!=api",
        "env!=prod",
        "app",
        "!env",
        "tier=",
        "app in (web, api)",
        "app in (web,api),tier",
        "app notin (api)",
        "env notin (prod, test)",
        "sharding.fluxcd.io/key=shard1",
        "sharding.fluxcd.io/key in (shard1),!env,app=web",
    ],
)
def test_an_object_whose_labels_meet_all_requirements_is_selected(text: str) -> None:
    assert Selector.parse(text).matches(LABELS)


@pytest.mark.parametrize(
    "text",
    [
        "app=api",
        "app!=web",
        "env=prod",
        "env",
        "!app",
        "tier=front",
        "app in (api)",
        "env in (prod)",
        "app notin (web, api)",
        "app=web,env",
        "sharding.fluxcd.io/key!=shard1",
    ],
)
def test_an_object_whose_labels_miss_one_requirement_is_not_selected(text: str) -> None:
    assert not Selector.parse(text).matches(LABELS)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        ",",
        "app=web,",
        "app in",
        "app in web",
        "app in (web",
        "app in (a b)",
        "app notin (web))",
        "=web",
        "app=web=api",
        "app=-web",
        "/app",
        "A/app=web",
        "app web",
        "!app=web",
        "app in ((web))",
    ],
)
def test_what_is_no_selector_is_a_usage_error(text: str) -> None:
    with pytest.raises(UsageError, match="is no label selector"):
        Selector.parse(text)

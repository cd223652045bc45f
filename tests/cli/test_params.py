"""Values that click does not know of itself."""

from __future__ import annotations

import click
import pytest

from statusbot.cli.params import WriteLimits


@pytest.mark.parametrize(
    ("text", "limits"),
    [
        ("80/m,500/h", ((80, 60.0), (500, 3600.0))),
        (" 2/s , 9/m ", ((2, 1.0), (9, 60.0))),
        ("none", ()),
    ],
)
def test_write_limits_are_numbers_and_seconds(
    text: str, limits: tuple[tuple[int, float], ...]
) -> None:
    assert WriteLimits().convert(text, None, None) == limits


@pytest.mark.parametrize("text", ["", "80", "80/d", "0/m", "-1/m", "80/m,", "80/m;500/h", "1.5/s"])
def test_what_is_no_limit_is_told_with_one_that_is(text: str) -> None:
    with pytest.raises(click.BadParameter, match="write 80/m,500/h, or none"):
        WriteLimits().convert(text, None, None)

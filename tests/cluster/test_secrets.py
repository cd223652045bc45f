from __future__ import annotations

from typing import Any

import pytest

from statusbot.cluster.secrets import secret_values
from statusbot.errors import ClusterError


def test_string_data_wins_over_data() -> None:
    item = {"data": {"token": "YQ==", "user": "Yg=="}, "stringData": {"token": "c"}}
    assert secret_values(item, "") == {"token": b"c", "user": b"b"}


def test_base64_in_several_lines_is_one_value() -> None:
    assert secret_values({"data": {"ca": "YWJj\n  ZGVm\n"}}, "") == {"ca": b"abcdef"}


@pytest.mark.parametrize("value", ["!", "YQ", "Y Q = = =", 5, ["YQ=="], "\u00fc"])
def test_what_is_not_base64_is_named_and_not_shown(value: Any) -> None:
    with pytest.raises(ClusterError, match=r"here: data\.ca is not base64"):
        secret_values({"data": {"ca": value}}, "here")


@pytest.mark.parametrize("data", [None, [], "x", 1])
def test_data_of_no_shape_has_no_values(data: Any) -> None:
    assert secret_values({"data": data, "stringData": data}, "") == {}

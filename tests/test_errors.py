from __future__ import annotations

import pytest

from statusbot.errors import ClusterError, StatusbotError, Stopped, UsageError


def test_an_error_says_where_what_and_what_to_do() -> None:
    error = StatusbotError("it is no YAML", where="a.yaml", todo="indent with spaces")
    assert str(error) == "a.yaml: it is no YAML: indent with spaces"


def test_an_error_may_say_only_what() -> None:
    assert str(StatusbotError("it is no YAML")) == "it is no YAML"


def test_an_error_keeps_its_parts() -> None:
    error = StatusbotError("what", where="where", todo="todo")
    assert (error.what, error.where, error.todo) == ("what", "where", "todo")
    assert error.args == ("what", "where", "todo")


@pytest.mark.parametrize(
    ("kind", "code"), [(StatusbotError, 1), (ClusterError, 1), (UsageError, 2)]
)
def test_each_error_has_its_exit_code(kind: type[StatusbotError], code: int) -> None:
    assert kind("x").exit_code == code


def test_no_handler_of_exceptions_swallows_a_stop() -> None:
    assert not issubclass(Stopped, Exception)

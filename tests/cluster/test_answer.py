from __future__ import annotations

import orjson
import pytest

from statusbot.cluster.answer import Answer, parse, said
from statusbot.errors import ClusterError


def answer(body: bytes, status: int = 500, **headers: str) -> Answer:
    return Answer("https://k8s/version", status, headers, body)


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"half": [1', b"[" * 3000, b"\xff\xfe", b"nan"])
def test_what_is_not_json_is_a_sentence(body: bytes) -> None:
    with pytest.raises(ClusterError, match="https://k8s: the API server's answer is not JSON"):
        parse(body, "https://k8s")


@pytest.mark.parametrize("body", [b"[]", b"1", b'"x"', b"null"])
def test_json_that_is_no_object_is_a_sentence(body: bytes) -> None:
    with pytest.raises(ClusterError, match="no object"):
        parse(body, "https://k8s")


def test_the_words_of_a_status_are_its_message() -> None:
    body = orjson.dumps({"kind": "Status", "message": "too many requests", "code": 429})
    assert answer(body).words() == "too many requests"


def test_the_words_of_plain_text_are_the_text() -> None:
    assert answer(b"404 page not found\n").words() == "404 page not found"


@pytest.mark.parametrize("body", [b"<html><body>502", b"[1]", b'{"message": {"a": 1}}', b""])
def test_what_is_no_message_gives_no_words(body: bytes) -> None:
    assert answer(body).words() == ""


def test_somebody_elses_words_cannot_reach_the_terminal() -> None:
    shown = said("\x1b[31mred \u202eevil" + "x" * 1_000_000)
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert len(shown) <= 300


def test_tokens_in_somebody_elses_words_are_hidden() -> None:
    assert "hunter2" not in said("see https://me:hunter2@proxy:8080/")


def test_a_body_is_in_no_repr() -> None:
    assert "s3cret" not in repr(answer(b"s3cret", Authorization="s3cret"))


@pytest.mark.parametrize(
    ("value", "seconds"), [("3", 3.0), ("", 0.0), ("-1", 0.0), ("1e9", 0.0), ("9" * 99, 0.0)]
)
def test_retry_after_is_whole_seconds_or_nothing(value: str, seconds: float) -> None:
    assert Answer("u", 429, {"Retry-After": value}, b"").retry_after() == seconds

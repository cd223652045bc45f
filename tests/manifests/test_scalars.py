from __future__ import annotations

import pytest

from statusbot.manifests.scalars import TAG, resolve, tagged


@pytest.mark.parametrize("word", ["true", "True", "TRUE", "yes", "Yes", "on", "ON", "y", "Y"])
def test_words_that_are_true_to_kubernetes(word: str) -> None:
    assert resolve(word) is True


@pytest.mark.parametrize("word", ["false", "False", "no", "NO", "off", "Off", "n", "N"])
def test_words_that_are_false_to_kubernetes(word: str) -> None:
    assert resolve(word) is False


@pytest.mark.parametrize("word", ["", "~", "null", "Null", "NULL"])
def test_words_that_are_nothing(word: str) -> None:
    assert resolve(word) is None


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("0", 0),
        ("12", 12),
        ("-3", -3),
        ("+3", 3),
        ("012", 10),
        ("-012", -10),
        ("0o14", 12),
        ("0x1F", 31),
        ("0b11", 3),
        ("1_000", 1000),
        ("18446744073709551615", 2**64 - 1),
    ],
)
def test_integers(word: str, value: int) -> None:
    resolved = resolve(word)
    assert type(resolved) is int
    assert resolved == value


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("1.5", 1.5),
        (".5", 0.5),
        ("1e3", 1000.0),
        ("089", 89.0),
        ("1.", 1.0),
        ("1" + "0" * 30, 1e30),
    ],
)
def test_floats(word: str, value: float) -> None:
    resolved = resolve(word)
    assert type(resolved) is float
    assert resolved == pytest.approx(value)


@pytest.mark.parametrize(
    "word",
    [
        "1:30",
        "2026-11-20",
        "2026-11-20T23:06:53Z",
        "v1.9.3",
        "1.9.3",
        "yEs",
        "0x",
        "-",
        "+.",
        "1e",
        "1e400",
        "04e5890",
    ],
)
def test_these_stay_texts(word: str) -> None:
    assert resolve(word) == word


def test_a_number_of_thousands_of_digits_costs_nothing() -> None:
    assert resolve("9" * 100_000) == "9" * 100_000


def test_a_number_of_a_hundred_digits_is_a_float() -> None:
    assert resolve("1" + "0" * 99) == pytest.approx(1e99)


def test_a_hexadecimal_number_of_a_hundred_digits_is_a_text() -> None:
    assert resolve("0x" + "f" * 98) == "0x" + "f" * 98


def test_a_tag_that_fits_changes_nothing() -> None:
    assert tagged(TAG + "int", "12") == 12


def test_a_tag_decides_over_the_look() -> None:
    assert tagged(TAG + "str", "yes") == "yes"


def test_binary_is_decoded() -> None:
    assert tagged(TAG + "binary", "aGVsbG8=") == "hello"


def test_an_integer_can_be_tagged_as_a_float() -> None:
    assert repr(tagged(TAG + "float", "3")) == "3.0"


def test_an_unknown_tag_makes_a_text() -> None:
    assert tagged("!vault", "12") == "12"


@pytest.mark.parametrize(
    ("tag", "word"), [("int", "x"), ("bool", "1"), ("null", "no"), ("int", "")]
)
def test_a_tag_that_does_not_fit_is_an_error(tag: str, word: str) -> None:
    with pytest.raises(ValueError, match=tag):
        tagged(TAG + tag, word)

"""Which hosts a Provider may name."""

from __future__ import annotations

import pytest

from statusbot.errors import StatusbotError, UsageError
from statusbot.routing.hosts import Hosts


@pytest.mark.parametrize(
    ("pattern", "host"),
    [
        ("git.example.com", "git.example.com"),
        ("git.example.com", "GIT.example.com"),
        ("Git.Example.com", "git.example.com"),
        ("*.example.com", "git.example.com"),
        ("*.example.com", "a.b.example.com"),
        ("git.example.com:8443", "git.example.com:8443"),
        ("git.example.com:*", "git.example.com:8443"),
        ("git-?.example.com", "git-1.example.com"),
        ("[::1]:3000", "[::1]:3000"),
        ("*", "git.example.com:8443"),
    ],
)
def test_a_pattern_takes_its_host(pattern: str, host: str) -> None:
    Hosts(["other.example", pattern]).check(host)


@pytest.mark.parametrize(
    ("pattern", "host"),
    [
        ("git.example.com", "git.example.com:8443"),
        ("git.example.com", "git.example.com.evil.example"),
        ("git.example.com", "gitxexample.com"),
        ("*.example.com", "example.com"),
        ("*.example.com", "git.example.com:8443"),
        ("[::1]:3000", "1:3000"),
    ],
)
def test_a_pattern_takes_no_other(pattern: str, host: str) -> None:
    with pytest.raises(StatusbotError, match="--forge-hosts allows") as caught:
        Hosts([pattern]).check(host)
    assert caught.value.todo == f"correct it, or add --forge-hosts {host}"


def test_without_patterns_every_host_is_allowed() -> None:
    Hosts().check("git.example.com")


@pytest.mark.parametrize("text", ["https://git.example.com", "git.example.com/x", "me@host", " "])
def test_an_address_is_no_host(text: str) -> None:
    with pytest.raises(UsageError, match=r"--forge-hosts: .* is no host"):
        Hosts([text])


def test_a_login_in_it_is_not_shown() -> None:
    with pytest.raises(UsageError) as caught:
        Hosts(["https://me:s3cret@git.example.com"])
    assert "s3cret" not in str(caught.value)

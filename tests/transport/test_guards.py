from __future__ import annotations

import pytest

from statusbot.forges.base import Login, Request
from statusbot.transport import NotAllowed, Transport
from statusbot.transport.guards import Guard, is_loopback
from tests.transport.conftest import Serve, http

NOBODY = Login()


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/o/r",
        "http://169.254.170.2/o/r",
        "http://[fe80::1]/o/r",
        "http://[fe80::1%25eth0]/o/r",
        "http://[fd00:ec2::254]/o/r",
        "http://[::ffff:169.254.169.254]/o/r",
        "http://[64:ff9b::a9fe:a9fe]/o/r",
        "http://100.100.100.200/o/r",
        "http://168.63.129.16/o/r",
        "http://2852039166/o/r",
        "http://0xa9fea9fe/o/r",
        "http://0251.0376.0251.0376/o/r",
        "http://169.254.43518/o/r",
        "http://metadata.google.internal/computeMetadata/v1",
        "http://Metadata.Google.Internal./o/r",
    ],
)
def test_link_local_and_metadata_addresses_are_never_a_forge(url: str) -> None:
    with pytest.raises(NotAllowed, match="link-local or metadata address"):
        Guard().check_url(url)


@pytest.mark.parametrize(
    ("server", "url"),
    [
        (("10.96.0.1", 443), "https://10.96.0.1/o/r"),
        (("api.example", 6443), "https://API.example:6443/o/r"),
        (("[fd00::1]", 443), "https://[fd00:0::1]/o/r"),
        (("127.0.0.1", 6443), "https://[::ffff:127.0.0.1]:6443/o/r"),
        (("10.96.0.1", 443), "https://kubernetes.default.svc/o/r"),
    ],
)
def test_the_kubernetes_api_is_never_a_forge(server: tuple[str, int], url: str) -> None:
    with pytest.raises(NotAllowed, match="the Kubernetes API"):
        Guard([server]).check_url(url)


@pytest.mark.parametrize(
    "url", ["https://github.com/", "http://10.0.0.1:3000/", "http://[::1]/", "https://api.example/"]
)
def test_every_other_address_may_be_a_forge(url: str) -> None:
    Guard([("api.example", 6443)]).check_url(url)


def test_a_name_is_judged_by_the_address_that_it_leads_to(serve: Serve) -> None:
    server = serve(http(200))
    with Transport(api_servers=[("127.0.0.1", server.port)]) as transport:
        with pytest.raises(NotAllowed, match="the Kubernetes API"):
            transport.send(Request("GET", f"http://localhost:{server.port}/"), NOBODY, timeout=5)
    assert server.requests == []


def test_a_proxy_is_judged_by_the_address_that_it_leads_to(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = serve(http(200))
    monkeypatch.setenv("HTTP_PROXY", server.url)
    with Transport(api_servers=[("127.0.0.1", server.port)]) as transport:
        with pytest.raises(NotAllowed):
            transport.send(Request("GET", "http://forge.invalid/"), NOBODY, timeout=5)
    assert server.requests == []


def test_what_is_not_allowed_is_not_tried_again(pauses: list[float], transport: Transport) -> None:
    with pytest.raises(NotAllowed):
        transport.send(Request("GET", "http://169.254.169.254/"), NOBODY, timeout=5)
    assert pauses == []


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://127.0.0.1:3000/", True),
        ("http://127.9.9.9/", True),
        ("http://[::1]/", True),
        ("http://localhost/", True),
        ("http://10.0.0.1/", False),
        ("http://localhost.example/", False),
    ],
)
def test_what_is_this_machine(url: str, expected: bool) -> None:
    assert is_loopback(url) is expected

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Any

import pytest

from statusbot.transport import Way
from statusbot.transport.wire import context_for


@pytest.mark.parametrize("whose", ["the usual", "the provider's", "the environment's"])
def test_a_ca_needs_no_extensions_that_go_does_not_ask_for(
    monkeypatch: pytest.MonkeyPatch, certificates: Path, whose: str
) -> None:
    """As since Python 3.13, whatever the Python is that runs this."""
    usual = ssl.create_default_context

    def strict(*args: Any, **options: Any) -> ssl.SSLContext:
        context = usual(*args, **options)
        context.verify_flags |= ssl.VERIFY_X509_STRICT
        return context

    monkeypatch.setattr(ssl, "create_default_context", strict)
    if whose == "the environment's":
        monkeypatch.setenv("SSL_CERT_FILE", str(certificates / "ca.crt"))
    ca = (certificates / "ca.crt").read_text() if whose == "the provider's" else ""
    context = context_for(Way(ca=ca))
    assert not context.verify_flags & ssl.VERIFY_X509_STRICT
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname

"""Proxies towards the API server as kubectl has them, where the package has other rules."""

from __future__ import annotations

import base64
from ipaddress import ip_address
from typing import Any
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies


def settle(configuration: Any) -> None:
    """Change what a ``kubernetes`` Configuration says of its proxy before a pool is made of it.

    Go, and so kubectl, reaches this machine without the environment's proxies
    (golang.org/x/net/http/httpproxy), tells a proxy the login of its URL, and lets SOCKS proxies
    resolve names (net/http/socks_bundle.go).
    """
    proxy = configuration.proxy
    if not proxy:
        return
    if proxy in getproxies().values() and _is_this_machine(configuration.host):
        configuration.proxy = None
        return
    scheme, _, rest = proxy.partition("://")
    if scheme.lower() == "socks5":
        configuration.proxy = f"socks5h://{rest}"
    elif not scheme.lower().startswith("socks") and (login := _login(proxy)):
        configuration.proxy_headers = {"proxy-authorization": login}


def _is_this_machine(url: str) -> bool:
    try:
        host = urlsplit(url).hostname or ""
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _login(proxy: str) -> str:
    parts = urlsplit(proxy)
    if not parts.username:
        return ""
    login = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    return f"Basic {base64.b64encode(login.encode()).decode()}"

"""A GitHub App for tests: its key, and the same App as a forge that embeds GitHub knows it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from statusbot.demo.forge.apps import App, Installation

APP_ID = 4711
CLIENT_ID = "Iv23liTest"
INSTALLATION_ID = 99


@cache
def key(name: str = "app", bits: int = 2048) -> rsa.RSAPrivateKey:
    """A key pair that is the same for all of a process, one for each name."""
    return rsa.generate_private_key(65537, bits)


def pem(private: Any = None) -> str:
    """A private key as GitHub hands it out (PKCS #1 for RSA)."""
    return (
        (private or key())
        .private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption(),
        )
        .decode()
    )


def verifier(public: rsa.RSAPublicKey) -> Callable[[str], bool]:
    """Whether a JWT was signed with the private half of ``public``, whatever it claims."""

    def verify(token: str) -> bool:
        options: Any = {"verify_exp": False, "verify_iat": False}
        try:
            jwt.decode(token, public, algorithms=["RS256"], options=options)
        except jwt.InvalidTokenError:
            return False
        return True

    return verify


def registered(*installations: Installation) -> App:
    """The App as a forge knows it; installed for the organization acme unless told otherwise."""
    verify = verifier(key().public_key())
    installed = list(installations) or [Installation(INSTALLATION_ID, "acme")]
    return App(APP_ID, verify, installed, CLIENT_ID)


def signed(claims: dict[str, Any], private: rsa.RSAPrivateKey | None = None) -> str:
    """A JWT with these claims."""
    return jwt.encode(claims, private or key(), algorithm="RS256")

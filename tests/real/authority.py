"""A private certificate authority: what a company signs its own servers and clients with."""

from __future__ import annotations

import ssl
import tempfile
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_LOOPBACK = "127.0.0.1"


@dataclass(frozen=True)
class Pair:
    """A certificate and its key, both PEM."""

    certificate: str
    key: str = field(repr=False)

    def server_context(self, *, clients: str = "") -> ssl.SSLContext:
        """For a server; it asks clients for a certificate of the CA ``clients`` where there is one."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        with tempfile.TemporaryDirectory(prefix="statusbot-pair-") as folder:
            path = Path(folder) / "pair.pem"
            path.write_text(self.certificate + self.key)
            context.load_cert_chain(path)
        if clients:
            context.load_verify_locations(cadata=clients)
            context.verify_mode = ssl.CERT_REQUIRED
        return context


class Authority:
    """``ca`` is its certificate as PEM."""

    def __init__(self, name: str = "Private CA of the tests") -> None:
        """With a key of its own."""
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _name(name)
        draft = _draft(self._name, self._name, self._key).add_extension(
            x509.BasicConstraints(ca=True, path_length=None), critical=True
        )
        self.ca = _pem(draft.sign(self._key, SHA256()))

    def server(self, *hosts: str) -> Pair:
        """For these names and for 127.0.0.1."""
        names = [x509.DNSName(host) for host in hosts]
        alternatives = x509.SubjectAlternativeName([*names, x509.IPAddress(ip_address(_LOOPBACK))])
        return self._issue("server", alternatives, ExtendedKeyUsageOID.SERVER_AUTH)

    def client(self, name: str = "statusbot") -> Pair:
        """For somebody who calls servers."""
        return self._issue(name, None, ExtendedKeyUsageOID.CLIENT_AUTH)

    def _issue(
        self,
        name: str,
        alternatives: x509.SubjectAlternativeName | None,
        usage: x509.ObjectIdentifier,
    ) -> Pair:
        key = ec.generate_private_key(ec.SECP256R1())
        draft = _draft(_name(name), self._name, key)
        draft = draft.add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
        if alternatives is not None:
            draft = draft.add_extension(alternatives, critical=False)
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
        return Pair(_pem(draft.sign(self._key, SHA256())), pem)


def _draft(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return x509.CertificateBuilder(
        issuer_name=issuer,
        subject_name=subject,
        public_key=key.public_key(),
        serial_number=x509.random_serial_number(),
        not_valid_before=now - timedelta(days=1),
        not_valid_after=now + timedelta(days=1),
    )


def _name(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(Encoding.PEM).decode()

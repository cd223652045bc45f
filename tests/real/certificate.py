"""A certificate for 127.0.0.1 and its key, made once: servers start faster without making one."""

from __future__ import annotations

from pathlib import Path

from tests.real.parts import built, go


def certificate() -> tuple[Path, Path]:
    """The certificate (its own authority) and the RSA key, both PEM."""
    folder = built("certificate", "1", _make)
    return folder / "cert.pem", folder / "key.pem"


def _make(folder: Path) -> None:
    # Go ships the program in its standard library, so nothing else has to be installed.
    program = Path(go("env", "GOROOT").strip()) / "src/crypto/tls/generate_cert.go"
    go("run", program, "--ca", "--host=127.0.0.1", "--duration=87600h", cwd=folder)

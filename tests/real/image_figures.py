"""How large the image is, and how long a start of it takes: for docs/image.md."""

from __future__ import annotations

import json
import socket
import tempfile
import time
from pathlib import Path

from tests.real.container import Container
from tests.real.image_part import Image, image

STARTS = 5
_ANSWER = b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


def seconds_to_first_call(image: Image) -> float:
    """From the start of a container to its first request at an API server."""
    with tempfile.TemporaryDirectory() as name, socket.create_server(("127.0.0.1", 0)) as listener:
        folder = Path(name)
        folder.chmod(0o755)
        cluster = {"server": f"http://127.0.0.1:{listener.getsockname()[1]}"}
        config = {
            "clusters": [{"name": "a", "cluster": cluster}],
            "users": [{"name": "a", "user": {"token": "a"}}],
            "contexts": [{"name": "a", "context": {"cluster": "a", "user": "a"}}],
            "current-context": "a",
        }
        (folder / "config").write_text(json.dumps(config))
        container = Container(image, {"KUBECONFIG": "/here/config"}, {"/here": folder})
        listener.settimeout(30)
        start = time.monotonic()
        with container.started("run", "--ledger", "none") as process:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                seconds = time.monotonic() - start
                connection.sendall(_ANSWER)
            process.kill()
            process.communicate()
        return seconds


def main() -> None:
    """Print the figures."""
    made = image()
    print(f"{made.compressed / 1e6:.1f} MB compressed, on top of the base")
    print(f"{made.unpacked / 1e6:.1f} MB unpacked, on top of the base")
    starts = sorted(seconds_to_first_call(made) for _ in range(STARTS))
    print(f"{starts[STARTS // 2]:.2f} s from a start to the first call of the API server (median)")


if __name__ == "__main__":
    main()

"""What a test lets the image's own Python find out: one line of JSON, by the name of a check."""

from __future__ import annotations

import ast
import importlib
import importlib.metadata
import importlib.util
import json
import os
import pkgutil
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

HOME = Path("/opt/statusbot")
sys.path.insert(0, str(HOME))
# These are of the kernel and of this machine, and the last is for temporary files.
_NOT_THE_IMAGES = ("/proc", "/dev", "/sys", "/tmp")


def files() -> list[str]:
    """What is in the image beside Python and its packages."""
    return sorted(path.name for path in HOME.iterdir())


def packages() -> list[str]:
    """The names of the packages that are installed."""
    return sorted(each.name.lower() for each in importlib.metadata.distributions())


def writable() -> list[str]:
    """Folders and files that whoever runs in the image may write to."""
    return [path for path in _paths() if not os.path.islink(path) and os.access(path, os.W_OK)]


def _paths() -> Iterator[str]:
    for folder, folders, names in os.walk("/"):
        if folder == "/":
            folders[:] = [name for name in folders if f"/{name}" not in _NOT_THE_IMAGES]
        yield folder
        yield from (os.path.join(folder, name) for name in names)


def privileged() -> list[str]:
    """Files below /opt that would give more rights to who runs them, or that others may change."""
    bits = stat.S_ISUID | stat.S_ISGID | stat.S_IWGRP | stat.S_IWOTH
    paths = (path for path in Path("/opt").rglob("*") if not path.is_symlink())
    return [str(path) for path in paths if path.stat().st_mode & bits]


def not_compiled() -> list[str]:
    """Modules of statusbot, and all that they import, that would be compiled at every start."""
    for module in _modules():
        importlib.import_module(module)
    for name in _imported():
        importlib.import_module(name)
    sources = {getattr(module, "__file__", None) or "" for module in tuple(sys.modules.values())}
    ours = {path for path in sources if path.endswith(".py") and path != __file__}
    return sorted(p for p in ours if not os.path.exists(importlib.util.cache_from_source(p)))


def not_there() -> list[str]:
    """What statusbot imports anywhere, inside functions too, and cannot."""
    missing = []
    for name in _imported():
        try:
            importlib.import_module(name)
        except ImportError:
            missing.append(name)
    return missing


def _modules() -> Iterator[str]:
    import statusbot

    for module in pkgutil.walk_packages(statusbot.__path__, "statusbot."):
        if not module.name.endswith("__main__"):
            yield module.name


def _imported() -> list[str]:
    found: set[str] = set()
    for path in (HOME / "statusbot").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                found.add(node.module)
    return sorted(found)


if __name__ == "__main__":
    print(json.dumps(globals()[sys.argv[1]]()))

"""Reading the Kubernetes API and dump files: objects as plain dicts, one at a time."""

from __future__ import annotations

from statusbot.cluster.base import Cluster, Object
from statusbot.cluster.errors import Forbidden, NotInstalled
from statusbot.cluster.kinds import Kind, by_name

__all__ = ["Cluster", "Forbidden", "Kind", "NotInstalled", "Object", "by_name"]

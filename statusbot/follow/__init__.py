"""After a poll: what changes is decided and posted at once, by the watch that the poll began."""

from __future__ import annotations

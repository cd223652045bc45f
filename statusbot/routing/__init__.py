"""Where a result goes: Alerts and Providers, as Flux routes."""

from __future__ import annotations

"""Manifests before they are applied: Flux's schemas, then what only becomes known when Flux runs."""

from __future__ import annotations

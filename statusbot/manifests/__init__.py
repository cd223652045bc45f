"""Flux's Providers and Alerts, from files or from a cluster, checked against Flux's own schemas."""

from __future__ import annotations

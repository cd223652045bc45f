"""Waiting for a commit: what each Kustomization, or each context, says of it so far."""

from __future__ import annotations

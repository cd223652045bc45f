"""Why a Kustomization has its status, or none: every rule that a poll asks, with its verdict."""

from __future__ import annotations

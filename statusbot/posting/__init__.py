"""From news to outcomes: each forge at its own pace, one read for each repository and commit."""

from __future__ import annotations

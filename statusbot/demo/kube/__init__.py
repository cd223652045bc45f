"""An embedded Kubernetes API; the contract tests hold it to a real kube-apiserver."""

from __future__ import annotations

from statusbot.demo.kube.embedded import EmbeddedKubernetes, utcnow
from statusbot.demo.kube.faults import Fault, Faults, failing, garbled
from statusbot.demo.kube.requests import Answer, Request

__all__ = [
    "Answer",
    "EmbeddedKubernetes",
    "Fault",
    "Faults",
    "Request",
    "failing",
    "garbled",
    "utcnow",
]

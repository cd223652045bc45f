"""Many objects at once: written into etcd as the kube-apiserver stores them, a hundred a call.

Through the API fifty thousand Kustomizations with their statuses take minutes; the API server reads
the same from etcd either way.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import urllib3

from tests.real.apiserver import ApiServer

PER_CALL = 100


def store(apiserver: ApiServer, plural: str, objects: Iterable[dict[str, Any]]) -> None:
    """Put namespaced custom objects under the keys that the API server gives them."""
    address = f"{apiserver.etcd_url}/v3/kv/txn"
    with urllib3.PoolManager() as http:
        rest = iter(objects)
        while group := list(islice(rest, PER_CALL)):
            puts = [{"requestPut": put} for put in _puts(plural, group)]
            answer = http.request("POST", address, body=json.dumps({"success": puts}))
            assert answer.status == 200, answer.data[:2000]


def _puts(plural: str, objects: Iterable[dict[str, Any]]) -> Iterator[dict[str, str]]:
    for obj in objects:
        metadata = obj["metadata"]
        group = obj["apiVersion"].split("/")[0]
        key = f"/registry/{group}/{plural}/{metadata['namespace']}/{metadata['name']}"
        yield {"key": _base64(key), "value": _base64(json.dumps(obj))}


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()

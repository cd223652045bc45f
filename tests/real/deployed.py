"""The manifests of ``deploy/`` as kustomize renders them."""

from __future__ import annotations

import copy
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.real.kustomize import rendered
from tests.real.parts import NoGoError, unavailable

Object = dict[str, Any]

DEPLOY = Path(__file__).parents[2] / "deploy"
FLUX = "flux-system"
BOT = "statusbot"
# What there is to apply, by its folder below deploy/.
DEFAULT = "."
SINGLE = "overlays/single-namespace"
ALL = "overlays/all-namespaces"
INDEXED = "overlays/indexed-job"
FOLLOW = "overlays/follow"
VARIANTS = (DEFAULT, SINGLE, ALL, INDEXED, FOLLOW)


def objects(variant: str = DEFAULT) -> list[Object]:
    """All that is applied, in its order; skipped without Go as all real parts."""
    return copy.deepcopy(_objects(DEPLOY / variant))


def of_folder(folder: Path) -> list[Object]:
    """The same of a kustomization that is not in ``deploy/``."""
    try:
        return rendered(folder)
    except NoGoError as error:
        unavailable("kustomize", error)


@cache
def _objects(folder: Path) -> list[Object]:
    return of_folder(folder)


def only(kind: str, variant: str = DEFAULT, *, among: list[Object] | None = None) -> Object:
    """The object of a kind of which there is one."""
    found = objects(variant) if among is None else among
    [item] = [item for item in found if item["kind"] == kind]
    return item


def workload(variant: str = DEFAULT) -> Object:
    """The CronJob, or the Deployment in its place."""
    [item] = [item for item in objects(variant) if item["kind"] in ("CronJob", "Deployment")]
    return item


def job(variant: str = DEFAULT) -> Object:
    """The spec of the Job that the CronJob makes every minute."""
    spec: Object = only("CronJob", variant)["spec"]["jobTemplate"]["spec"]
    return spec


def template(variant: str = DEFAULT) -> Object:
    """Of its pods."""
    spec: Object = workload(variant)["spec"]
    found: Object = (spec["jobTemplate"]["spec"] if "jobTemplate" in spec else spec)["template"]
    return found


def container(variant: str = DEFAULT) -> Object:
    """The only one of the pod."""
    [found] = template(variant)["spec"]["containers"]
    made: Object = found
    return made


def arguments(variant: str = DEFAULT) -> list[str]:
    """What the pod calls: the verb first."""
    found: list[str] = container(variant)["args"]
    return found


def path_of(data: Object) -> str:
    """The path of an object, by what it says of itself; its plural is the usual one."""
    group, metadata = data["apiVersion"], data["metadata"]
    root = f"/apis/{group}" if "/" in group else f"/api/{group}"
    scope = f"/namespaces/{metadata['namespace']}" if "namespace" in metadata else ""
    kind = data["kind"].lower()
    plural = f"{kind[:-1]}ies" if kind.endswith("y") else f"{kind}s"
    return f"{root}{scope}/{plural}/{metadata['name']}"


def pytest_params(*variants: str) -> pytest.MarkDecorator:
    """A test for each variant, with a name that can be read."""
    names = [Path(variant).name or "default" for variant in variants]
    return pytest.mark.parametrize("variant", variants, ids=names)

"""The two clusters that commands of the docs meet, and what they find in them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from statusbot.demo.kube import EmbeddedKubernetes
from tests.real.apiserver import ApiServer, started
from tests.real.control_plane_parts import KUBE_APISERVER, kubectl
from tests.real.deployed import path_of
from tests.real.kustomize import kustomize
from tests.real.parts import NoGoError, is_built, unavailable
from tests.support.docs_site import Object, Site, cloned, site

NAMESPACES = ("flux-system", "statusbot", "team-a")
# What a page makes, and the next one must not find.
COLLECTIONS = (
    *(f"/api/v1/namespaces/{{}}/{name}" for name in ("secrets", "configmaps", "serviceaccounts")),
    *(
        f"/apis/{group}/namespaces/{{}}/{name}"
        for group, names in {
            "apps/v1": ("deployments",),
            "batch/v1": ("cronjobs",),
            "coordination.k8s.io/v1": ("leases",),
            "rbac.authorization.k8s.io/v1": ("roles", "rolebindings"),
            "kustomize.toolkit.fluxcd.io/v1": ("kustomizations",),
            "source.toolkit.fluxcd.io/v1": ("gitrepositories", "ocirepositories"),
            "notification.toolkit.fluxcd.io/v1beta3": ("providers", "alerts"),
        }.items()
        for name in names
    ),
)


class Embedded:
    """An embedded cluster."""

    def __init__(self, kube: EmbeddedKubernetes) -> None:
        self.kubeconfig = kube.kubeconfig
        self.put = kube.apply_all


class Real:
    """A real kube-apiserver, which several tests share one after the other."""

    def __init__(self, server: ApiServer) -> None:
        self.admin, self.kubeconfig = server.admin, server.kubeconfig
        for name in ("flux-system", "team-a"):
            server.namespace(name)

    def clear(self) -> None:
        """As it was at the start."""
        for path in COLLECTIONS:
            for namespace in NAMESPACES:
                self.admin.delete(path.format(namespace)).ok()

    def put(self, objects: Iterable[Object]) -> None:
        """Create them; the status is a resource of its own."""
        for item in objects:
            path = path_of(item)
            self.admin.post(path.rpartition("/")[0], item).ok()
            if "status" in item:
                self.admin.patch(f"{path}/status", {"status": item["status"]}).ok()

    def finish_namespaces(self) -> None:
        """What the controller of namespaces does: let the first one go that is to be deleted."""
        for event in self.admin.events("/api/v1/namespaces"):
            namespace = event["object"]
            if namespace["status"]["phase"] == "Terminating":
                namespace["spec"]["finalizers"] = []
                path = f"/api/v1/namespaces/{namespace['metadata']['name']}/finalize"
                self.admin.put(path, namespace).ok()
                return


@pytest.fixture(scope="session")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Real]:
    """A kube-apiserver of its own: the pages name namespaces that others use, too."""
    try:
        kubectl()
        with started(tmp_path_factory.mktemp("docs")) as server:
            yield Real(server)
    except NoGoError as error:
        unavailable("kubectl and kube-apiserver", error)


@pytest.fixture(scope="session")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository of which each test has a clone."""
    folder = tmp_path_factory.mktemp("origin")
    cloned(folder)
    return folder


@pytest.fixture
def on_embedded(tmp_path: Path, origin: Path) -> Iterator[Site]:
    """With an embedded cluster."""
    with EmbeddedKubernetes() as kube, site(tmp_path, origin, Embedded(kube), {}) as made:
        yield made


@pytest.fixture
def on_real(tmp_path: Path, origin: Path, real: Real) -> Iterator[Site]:
    """With a real one, and kubectl; both are built by Go."""
    real.clear()
    programs = {"kubectl": kubectl(), "kustomize": kustomize()}
    with site(tmp_path, origin, real, programs) as made:
        yield made


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The first test with kubectl may wait for its build, and for that of the kube-apiserver."""
    for item in items:
        if "real" in getattr(item, "fixturenames", ()) and not is_built("kubectl", KUBE_APISERVER):
            item.add_marker(pytest.mark.timeout(1800))

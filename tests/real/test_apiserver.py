from __future__ import annotations

import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from tests.real.apiserver import ApiServer
from tests.support.kube import core, kustomization, kustomizations

LIST = [{"apiGroups": [""], "resources": ["configmaps"], "verbs": ["list"]}]


def test_a_user_has_no_rights_before_some_are_granted(apiserver: ApiServer) -> None:
    with apiserver.client("bob") as bob:
        assert bob.get(core("configmaps", apiserver.namespace())).status == 403


def test_a_user_has_the_rights_that_are_granted(apiserver: ApiServer) -> None:
    namespace = apiserver.namespace()
    apiserver.grant("bob", LIST, namespace)
    with apiserver.client("bob") as bob:
        assert bob.get(core("configmaps", namespace)).status == 200


def test_a_service_account_s_token_is_known(apiserver: ApiServer) -> None:
    namespace = apiserver.namespace()
    token = apiserver.service_account(namespace, "statusbot")
    with apiserver.client(None, token=token) as account:
        refused = account.get(core("configmaps", namespace)).data
    assert f"system:serviceaccount:{namespace}:statusbot" in refused["message"]


def test_flux_s_crds_check_what_they_are_given(apiserver: ApiServer) -> None:
    namespace = apiserver.namespace()
    bad = kustomization(namespace, "app")
    del bad["spec"]["interval"]
    assert apiserver.admin.post(kustomizations(namespace), bad).status == 422


def test_the_kubeconfig_is_for_its_owner_only(apiserver: ApiServer, tmp_path: Path) -> None:
    path = apiserver.kubeconfig(tmp_path / "config")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not on PATH")
def test_kubectl_takes_the_kubeconfig(apiserver: ApiServer, tmp_path: Path) -> None:
    path = apiserver.kubeconfig(tmp_path / "config")
    options = [f"--kubeconfig={path}", f"--cache-dir={tmp_path}", "get", "namespaces"]
    assert subprocess.run(["kubectl", *options], capture_output=True, check=False).returncode == 0

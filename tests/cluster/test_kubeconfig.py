from __future__ import annotations

import base64
import json
import logging
import os
import ssl
import stat
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from statusbot.cluster import kubeconfig
from statusbot.cluster.kubeconfig import Place, find, load, private_folder
from statusbot.cluster.login import Login
from statusbot.errors import UsageError

Write = Callable[..., str]


def loaded(path: str, context: str | None = None) -> Any:
    with private_folder() as folder:
        return load(Place((path,), context), folder)


def fault(path: str, context: str | None = None) -> str:
    with pytest.raises(UsageError) as caught:
        loaded(path, context)
    return str(caught.value)


# -- which one


def test_the_flag_comes_before_the_environment(write: Write) -> None:
    flag, other = write(name="flag"), write(name="other")
    assert find(flag, None, {"KUBECONFIG": other}).paths == (flag,)


def test_kubeconfig_lists_files_and_those_missing_are_left_out(write: Write) -> None:
    one, two = write(name="one"), write(name="two")
    listed = os.pathsep.join((one, "/nowhere", "", two))
    assert find(None, None, {"KUBECONFIG": listed}).paths == (one, two)


def test_kubeconfig_with_nothing_but_missing_files_is_an_error() -> None:
    with pytest.raises(UsageError, match=r"/nowhere: cannot read this kubeconfig: No such file"):
        find(None, None, {"KUBECONFIG": "/nowhere"})


@pytest.fixture
def pod(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    (tmp_path / "token").write_text("t")
    monkeypatch.setattr(kubeconfig, "TOKEN", str(tmp_path / "token"))
    return {"KUBERNETES_SERVICE_HOST": "10.0.0.1"}


def default(home: str) -> Path:
    path = Path(home, ".kube", "config")
    path.parent.mkdir(parents=True)
    path.write_text("{}")
    return path


def test_in_a_pod_it_is_the_service_account(pod: dict[str, str]) -> None:
    default(os.environ["HOME"])
    assert find(None, None, pod).paths == ()


def test_in_a_pod_kubeconfig_still_comes_first(pod: dict[str, str], write: Write) -> None:
    path = write()
    assert find(None, None, pod | {"KUBECONFIG": path}).paths == (path,)


def test_a_context_is_never_looked_for_in_a_service_account(pod: dict[str, str]) -> None:
    path = default(os.environ["HOME"])
    assert find(None, "prod", pod) == Place((str(path),), "prod")


def test_a_pod_without_a_token_is_no_pod() -> None:
    path = default(os.environ["HOME"])
    assert find(None, None, {"KUBERNETES_SERVICE_HOST": "10.0.0.1"}).paths == (str(path),)


def test_no_kubeconfig_anywhere_names_the_ways_out() -> None:
    with pytest.raises(UsageError, match=r"no KUBECONFIG.*--from PATH"):
        find(None, None, {"KUBECONFIG": ""})


def test_a_user_without_a_home_has_no_kubeconfig_there(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(_: Path) -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "expanduser", unknown)
    with pytest.raises(UsageError, match="there is no cluster to read"):
        find(None, None, {})


def test_a_missing_flag_file_is_an_error() -> None:
    with pytest.raises(UsageError, match="/nowhere: cannot read this kubeconfig"):
        find("/nowhere", None, {})


def test_the_flag_is_one_file(write: Write) -> None:
    with pytest.raises(UsageError, match="several in KUBECONFIG"):
        find(os.pathsep.join((write(name="one"), write(name="two"))), None, {})


def test_a_folder_is_no_kubeconfig(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="Is a directory"):
        find(str(tmp_path), None, {})


# -- what is in it


def test_a_wrong_context_lists_those_that_exist(write: Write) -> None:
    assert "no context 'prod': choose one with --kube-context; it has here" in fault(
        write(), "prod"
    )


def test_without_a_current_context_the_contexts_are_listed(write: Write) -> None:
    said = fault(write(**{"current-context": ""}))
    assert "has no current-context: choose one with --kube-context; it has here" in said


@pytest.mark.parametrize(
    "text",
    ["", "just words", "[1, 2]", "a: b: c", "\t- x", "{", "null", "contexts: 5", "\x00",
     "contexts: [1]\ncurrent-context: x", "current-context: x\ncontexts: [{name: x}]",
     "current-context: x\ncontexts: [{name: x, context: {cluster: 1}}]\nclusters: [{name: 1}]",
     "current-context: x\ncontexts: [{name: x, context: 4}]"],
)  # fmt: skip
def test_nonsense_is_a_sentence_with_the_files_name(text: str, tmp_path: Path) -> None:
    path = tmp_path / "config"
    path.write_text(text)
    assert fault(str(path)).startswith(f"{path}: ")


def test_bytes_that_are_no_text_are_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "config"
    path.write_bytes(b"\xff\xfe\x00")
    assert fault(str(path)).startswith(f"{path}: ")


@pytest.mark.parametrize(
    "user",
    [
        {"auth-provider": {"name": "oidc", "config": {"refresh-token": "hunter22"}}},
        {"client-certificate-data": "hunter22!", "client-key-data": "hunter22!"},
        {"exec": {"args": ["hunter22"]}},
        {"tokenFile": "/nowhere", "password": "hunter22"},
    ],
)
def test_no_fault_quotes_the_users_secrets(user: dict[str, Any], write: Write) -> None:
    path = write(user, {"server": "https://127.0.0.1:9"})
    with pytest.raises(UsageError) as caught:
        Login(Place((path,)))
    assert "hunter22" not in str(caught.value)


def test_a_server_that_is_no_url_is_a_sentence(write: Write) -> None:
    assert "is no http(s) URL" in fault(write({}, {"server": "ftp://k8s"}))


def test_a_cluster_that_is_not_there_is_named(write: Write) -> None:
    said = fault(write(clusters=[]))
    assert "this kubeconfig has no cluster 'c', which its context names" in said
    assert "--kube-context" in said


def test_a_token_file_that_is_not_there_is_named(write: Write) -> None:
    said = fault(write({"tokenFile": "/no/such/token"}))
    assert said.startswith("/no/such/token: cannot load the credentials: No such file")


def test_a_user_that_is_not_there_is_not_an_anonymous_one(write: Write) -> None:
    assert "has no user 'u', which its context names" in fault(write(users=[]))


def test_an_empty_user_is_an_anonymous_one(write: Write) -> None:
    assert not loaded(write({})).api_key


def test_half_a_login_is_not_an_anonymous_one(write: Write) -> None:
    said = fault(write({"username": "jane"}))
    assert "the credentials of user 'u' could not be loaded: log in again" in said


def test_several_files_are_one_configuration(write: Write) -> None:
    users = write(name="users", clusters=[], contexts=[], user={"token": "t"})
    rest = write(name="rest", users=[])
    with private_folder() as folder:
        found = load(Place((users, rest)), folder)
    assert found.api_key == {"BearerToken": "Bearer t"}


def test_paths_in_a_kubeconfig_start_at_its_folder(write: Write, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("beside")
    assert loaded(write({"tokenFile": "token"})).api_key == {"BearerToken": "Bearer beside"}


def token_of(name: str, **claims: int) -> str:
    parts = ({"alg": "none"}, {"sub": name, **claims})
    encoded = (base64.urlsafe_b64encode(json.dumps(part).encode()) for part in parts)
    return ".".join(part.decode().rstrip("=") for part in encoded) + ".x"


def test_a_refreshed_token_is_used_even_when_it_cannot_be_kept(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kubernetes.config.kube_config import KubeConfigLoader, KubeConfigMerger

    def refresh(loader: Any, provider: Any) -> None:
        provider["config"].value["id-token"] = "refreshed"

    def read_only(merger: Any) -> None:
        raise OSError("read-only")

    monkeypatch.setattr(KubeConfigLoader, "_refresh_oidc", refresh)
    monkeypatch.setattr(KubeConfigMerger, "save_changes", read_only)
    config = {"id-token": token_of("jane", exp=1), "idp-issuer-url": "https://idp.invalid"}
    user = {"auth-provider": {"name": "oidc", "config": config}}
    assert loaded(write(user)).api_key == {"BearerToken": "Bearer refreshed"}


def test_impersonation_is_refused_and_not_left_out(write: Write) -> None:
    assert "impersonates another" in fault(write({"token": "t", "as": "viewer"}))


def test_an_auth_provider_that_nobody_supports_is_refused(write: Write) -> None:
    said = fault(write({"auth-provider": {"name": "azure", "config": {}}}))
    assert "the credentials of user 'u' could not be loaded (auth-provider: it gave none)" in said


# -- exec plugins


def plugin(tmp_path: Path, code: str) -> dict[str, Any]:
    script = tmp_path / "plugin.py"
    script.write_text(code)
    return {
        "exec": {
            "apiVersion": "client.authentication.k8s.io/v1",
            "command": sys.executable,
            "args": [str(script)],
        }
    }


def credential(status: dict[str, Any]) -> str:
    data = {"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential"}
    return f"print({json.dumps(data | {'status': status})!r})"


def test_an_exec_plugins_token_is_used(tmp_path: Path, write: Write) -> None:
    user = plugin(tmp_path, credential({"token": "from-plugin"}))
    assert loaded(write(user)).api_key == {"BearerToken": "Bearer from-plugin"}


def test_a_plugin_that_fails_is_an_error_with_its_own_words(tmp_path: Path, write: Write) -> None:
    user = plugin(tmp_path, "import sys; sys.exit('session expired, run: aws sso login')")
    said = fault(write(user))
    assert "could not be loaded (exec: process returned 1" in said
    assert "session expired, run: aws sso login" in said


def test_a_plugin_that_is_not_installed_is_an_error(write: Write) -> None:
    user = {"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": "no-such-plugin"}}
    assert "no-such-plugin" in fault(write(user))


@pytest.mark.parametrize("code", ["", "print('{')", credential({})])
def test_a_plugin_that_gives_nothing_is_an_error(code: str, tmp_path: Path, write: Write) -> None:
    fault(write(plugin(tmp_path, code)))


def test_a_plugins_output_cannot_reach_the_terminal(tmp_path: Path, write: Write) -> None:
    user = plugin(tmp_path, r"import sys; sys.exit('\x1b[2J https://a:hunter22@b')")
    said = fault(write(user))
    assert "\x1b" not in said
    assert "hunter22" not in said


def test_the_root_logger_is_left_as_it_was(
    tmp_path: Path, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = logging.getLogger()
    # As in a program that has set up no logging: the first record would.
    monkeypatch.setattr(root, "handlers", [])
    before = (root.handlers[:], root.filters[:], root.level)
    fault(write(plugin(tmp_path, "raise SystemExit(1)")))
    assert (root.handlers, root.filters, root.level) == before


def test_other_records_pass_while_a_plugin_runs(
    caplog: pytest.LogCaptureFixture, write: Write
) -> None:
    with kubeconfig.translated("here"):
        logging.error("somebody else's")
    assert caplog.messages == ["somebody else's"]


# -- keys


def test_the_folder_for_keys_is_private_and_goes_away() -> None:
    with private_folder() as folder:
        assert stat.S_IMODE(os.stat(folder).st_mode) == 0o700
    assert not Path(folder).exists()


def test_where_no_temporary_folder_can_be_made_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
    with pytest.raises(UsageError, match="TMPDIR"), private_folder():
        pass


def test_an_error_of_tls_that_names_no_reason_is_a_sentence() -> None:
    with pytest.raises(UsageError) as caught, kubeconfig.translated("here"):
        raise ssl.SSLError("made by Python itself")
    assert caught.value.what == (
        "cannot load the credentials: a certificate or a key cannot be read"
    )

"""`statusbot validate`: what it reads, prints and ends with, whatever it is given."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.cli import Ran, cli

PROVIDER = """apiVersion: notification.toolkit.fluxcd.io/v1beta3
kind: Provider
metadata:
  name: forge
spec:
  type: github
  address: https://github.com/my-org/my-repo
  secretRef:
    name: forge-token
"""
BAD = PROVIDER.replace("my-org/my-repo", "my-org")
HTTP = PROVIDER.replace("type: github", "type: gitea").replace("https:", "http:")


def refused(ran: Ran) -> str:
    assert (ran.code, ran.out) == (2, "")
    (line,) = ran.err.splitlines()
    assert line.startswith("statusbot: error: ")
    return line


def test_clean_manifests_end_with_0() -> None:
    ran = cli("validate", "-", stdin=PROVIDER)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == "0 errors, 0 warnings: 1 document of 1 file, 1 of them checked\n"


def test_an_error_ends_with_1_and_is_told_as_compilers_do(tmp_path: Path) -> None:
    file = tmp_path / "forge.yaml"
    file.write_text(BAD)
    ran = cli("validate", str(file))
    assert (ran.code, ran.err) == (1, "")
    assert ran.out.splitlines() == [
        f"{file}:7:12: error: Provider flux-system/forge: the address "
        '"https://github.com/my-org" names no owner/repo: write it like '
        "https://github.com/owner/repo [address]",
        "1 error, 0 warnings: 1 document of 1 file, 1 of them checked",
    ]


@pytest.mark.parametrize(("options", "code"), [((), 0), (("--fail-on", "warning"), 1)])
def test_a_warning_fails_where_that_is_asked_for(options: tuple[str, ...], code: int) -> None:
    ran = cli("validate", *options, "-", stdin=HTTP)
    assert (ran.code, "[plain-http]" in ran.out) == (code, True)


def test_a_rule_can_be_left_out() -> None:
    assert cli("validate", "--ignore", "address", "-", stdin=BAD).code == 0


def test_a_rule_that_there_is_not_cannot() -> None:
    assert "'adress' is not one of" in refused(cli("validate", "--ignore", "adress", "-"))


def test_what_was_not_checked_is_told_when_asked_for() -> None:
    other = "kind: ConfigMap\n"
    assert cli("validate", "-", stdin=other).out.startswith("nothing to check: 1 document of 1")
    ran = cli("validate", "--all", "-", stdin=other)
    assert (ran.code, ran.out.splitlines()[0]) == (
        0,
        "stdin: info: ConfigMap: not checked: statusbot does not read this kind [skipped]",
    )


def test_nothing_given_is_usage() -> None:
    assert "Missing argument 'PATH...'" in refused(cli("validate"))


def test_paths_may_come_from_the_environment(tmp_path: Path) -> None:
    file = tmp_path / "forge.yaml"
    file.write_text(BAD)
    assert cli("validate", env={"STATUSBOT_PATHS": f"{file} {file}"}).code == 1


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("missing.yaml", "cannot read this file: No such file or directory"),
        ("empty.yaml", "it is empty"),
        ("folder", "there is no .yaml, .yml, .json file in it"),
        ("nul\0", "no path holds a NUL"),
        ("x" * 300, "cannot read this file: File name too long"),
    ],
)
def test_what_cannot_be_read_is_usage(tmp_path: Path, name: str, words: str) -> None:
    (tmp_path / "empty.yaml").write_text(" \n")
    (tmp_path / "folder").mkdir()
    assert words in refused(cli("validate", str(tmp_path / name)))


def test_an_empty_standard_input_is_usage() -> None:
    assert "stdin: it is empty" in refused(cli("validate", "-", stdin=""))


def test_an_empty_file_in_a_folder_does_no_harm(tmp_path: Path) -> None:
    (tmp_path / "empty.yaml").write_text("")
    (tmp_path / "forge.yaml").write_text(PROVIDER)
    assert cli("validate", str(tmp_path)).code == 0


def test_a_file_that_is_named_twice_is_read_once(tmp_path: Path) -> None:
    file = tmp_path / "forge.yaml"
    file.write_text(PROVIDER)
    (tmp_path / "link.yaml").symlink_to(file)
    ran = cli("validate", str(tmp_path), str(file), str(tmp_path / "link.yaml"))
    assert ran.out == "0 errors, 0 warnings: 1 document of 1 file, 1 of them checked\n"


def test_one_broken_document_hides_no_other(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("kind: [\n---\n" + BAD)
    (tmp_path / "b.json").write_text('{"kind": ')
    (tmp_path / "c.yaml").write_bytes(b"\xff\xfe\xff")
    (tmp_path / "d.yaml").write_text(BAD.replace("name: forge\n", "name: other\n"))
    ran = cli("validate", "-o", "json", str(tmp_path))
    found = [(Path(one["file"]).name, one["rule"]) for one in json.loads(ran.out)["findings"]]
    assert found == [
        ("a.yaml", "yaml"),
        ("a.yaml", "address"),
        ("b.json", "yaml"),
        ("c.yaml", "yaml"),
        ("d.yaml", "address"),
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[" * 100_000, "nested more than 100 levels deep"),
        ("a: " * 1 + "{a: " * 50_000, "nested more than 100 levels deep"),
        (
            "x: &a [1,1,1,1,1,1,1,1,1,1]\n"
            + "".join(
                f"{chr(98 + n)}: &{chr(98 + n)} [{','.join(['*' + chr(97 + n)] * 10)}]\n"
                for n in range(9)
            ),
            "aliases stand for more than",
        ),
        ('{"kind": ' + '{"a":' * 5000 + "1" + "}" * 5001, "nested more than 100 levels deep"),
        ("a: \x01\n", "character that YAML does not allow"),
        ("a: *b\n", "has no anchor before it"),
    ],
)
def test_hostile_yaml_is_a_finding(text: str, words: str) -> None:
    ran = cli("validate", "-", stdin=text)
    assert (ran.code, ran.err) == (1, "")
    assert words in ran.out


@pytest.mark.parametrize(
    "spec",
    ["null", "[]", "5", "{type: [], address: {}}", "{type: github, secretRef: [1]}", "'x'"],
)
@pytest.mark.parametrize("kind", ["Provider", "Alert"])
def test_nonsense_in_place_of_a_spec_is_a_finding(kind: str, spec: str) -> None:
    head = f"apiVersion: notification.toolkit.fluxcd.io/v1beta3\nkind: {kind}\n"
    ran = cli("validate", "-", stdin=f"{head}metadata: {{name: x}}\nspec: {spec}\n")
    assert (ran.code, ran.err) == (1, "")
    assert "[schema]" in ran.out


@pytest.mark.parametrize("spec", ["null", "[]", "5", "{sourceRef: 5, dependsOn: x, wait: []}"])
@pytest.mark.parametrize(
    "kind",
    [
        "kustomize.toolkit.fluxcd.io/v1 Kustomization",
        "source.toolkit.fluxcd.io/v1 GitRepository",
        "v1 Secret",
    ],
)
def test_nonsense_in_another_kind_breaks_nothing(kind: str, spec: str) -> None:
    version, name = kind.split()
    text = f"apiVersion: {version}\nkind: {name}\nmetadata: {{name: x}}\nspec: {spec}\ndata: 5\n"
    assert cli("validate", "-", stdin=f"{PROVIDER}---\n{text}").code == 0


SECRET = """---
apiVersion: v1
kind: Secret
metadata:
  name: forge-token
stringData:
  token: "hush-hush 4711"
  githubAppPrivateKey: hush-hush
"""


@pytest.mark.parametrize("output", ["text", "json", "sarif"])
def test_no_value_of_a_secret_is_shown(output: str) -> None:
    ran = cli("validate", "--all", "-o", output, "-", stdin=PROVIDER + SECRET)
    assert ran.code == 1
    assert "no HTTP header can carry" in ran.out
    assert "hush" not in ran.out + ran.err


def test_a_login_in_an_address_is_not_shown() -> None:
    text = BAD.replace("https://", "https://me:hush-hush@")
    ran = cli("validate", "--all", "-", stdin=text)
    assert (ran.code, "hush" in ran.out) == (1, False)


def test_text_of_a_manifest_is_no_command_of_a_terminal_or_a_ci() -> None:
    name = '"\\e[31m##[error]\\n::error::x"'
    text = BAD.replace("name: forge\n", f"name: {name}\n")
    ran = cli("validate", "--all", "-", stdin=text)
    assert ran.code == 1
    assert not {"\x1b", "\r"} & set(ran.out)
    assert "##[" not in ran.out
    assert not [line for line in ran.out.splitlines() if line.startswith("::")]


@pytest.mark.parametrize("name", ["::stop-commands::x.yaml", "\x1b::error::x.yaml"])
def test_the_name_of_a_file_is_no_command_either(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """As in a pull request, where a shell or a hook names the files."""
    (tmp_path / name).write_text(BAD)
    monkeypatch.chdir(tmp_path)
    lines = cli("validate", "--", name).out.splitlines()
    assert not [line for line in lines if line.lstrip().startswith("::")]
    assert len(lines) == 2


def test_json_is_one_document_that_counts() -> None:
    ran = cli("validate", "-o", "json", "-", stdin=BAD)
    assert json.loads(ran.out) == {
        "version": 1,
        "files": 1,
        "documents": 1,
        "checked": 1,
        "counts": {"errors": 1, "warnings": 0},
        "findings": [
            {
                "rule": "address",
                "severity": "error",
                "file": "stdin",
                "line": 7,
                "column": 12,
                "object": {"kind": "Provider", "namespace": "flux-system", "name": "forge"},
                "path": "$.spec.address",
                "message": 'the address "https://github.com/my-org" names no owner/repo',
                "todo": "write it like https://github.com/owner/repo",
            }
        ],
    }


def test_the_api_of_a_run_counts_here_too() -> None:
    below = PROVIDER.replace("https://github.com/", "https://ghe.example/git/")
    assert cli("validate", "-", stdin=below).code == 1
    api = ("--api-url", "https://ghe.example/git/api/v3")
    assert cli("validate", *api, "-", stdin=below).code == 0


def test_an_api_that_is_no_url_is_usage() -> None:
    ran = cli("validate", "--api-url", "ghe", "-", stdin=PROVIDER)
    assert '--api-url: the API address "ghe" is no http or https URL' in refused(ran)


def test_it_needs_neither_a_cluster_nor_the_network(tmp_path: Path) -> None:
    file = tmp_path / "all.yaml"
    file.write_text(PROVIDER + SECRET)
    script = (
        "import atexit, sys\n"
        "from statusbot.cli import main\n"
        "atexit.register(lambda: print(*sorted(sys.modules), file=sys.stderr))\n"
        "main()\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script, "validate", str(file)],
        capture_output=True,
        text=True,
        env={"PATH": os.environ["PATH"]},
        check=False,
    )
    assert ran.returncode == 1
    loaded = set(ran.stderr.split())
    assert "jsonschema" in loaded
    assert not {"kubernetes", "requests", "urllib3", "rich", "jwt"} & loaded


def test_a_reader_that_has_read_enough_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "many.yaml").write_text("---\n".join([BAD] * 3000))
    command = (
        f"{sys.executable} -m statusbot validate {tmp_path} | head -1; echo ${{PIPESTATUS[0]}}"
    )
    ran = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert ran.stderr == ""
    assert "[address]" in ran.stdout

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from statusbot.manifests import schemas

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "schemas").glob("*.json"))


def test_there_is_one_schema_for_each_kind_and_version() -> None:
    expected = {f"{k}-{v}.json" for k in ("alert", "provider") for v in schemas.VERSIONS}
    assert {file.name for file in FILES} == expected


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_schema_is_one_by_the_metaschema(file: Path) -> None:
    Draft202012Validator.check_schema(json.loads(file.read_bytes()))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_schema_says_which_version_of_flux_it_is_from(file: Path) -> None:
    schema = json.loads(file.read_bytes())
    assert "fluxcd/notification-controller v1." in schema["$comment"]
    assert schema["$id"] == f"urn:statusbot:schema:{file.stem}"


def test_a_validator_is_made_once() -> None:
    assert schemas.validator("Alert", "v1beta3") is schemas.validator("Alert", "v1beta3")


def test_jsonschema_is_not_loaded_before_it_is_needed() -> None:
    code = (
        "import sys, statusbot.manifests.document, statusbot.manifests.alert\n"
        "import statusbot.manifests.provider\n"
        "sys.exit('jsonschema' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_nouns_do_not_load_the_yaml_parser() -> None:
    code = "import sys, statusbot.manifests.provider; sys.exit('yaml' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


class TestWhereTheyAre:
    def test_inside_the_package_when_installed(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "statusbot" / "schemas").mkdir(parents=True)
        module = tmp_path / "statusbot" / "manifests" / "schemas.py"
        monkeypatch.setattr(schemas, "__file__", str(module))
        assert schemas._folder() == tmp_path / "statusbot" / "schemas"

    def test_beside_it_in_a_checkout(self) -> None:
        assert schemas._folder() == ROOT / "schemas"


SPEC: dict[str, Any] = {
    "type": "object",
    "required": ["type"],
    "properties": {
        "type": {"type": "string", "default": "a", "description": "Which."},
        "description": {"type": "string", "format": "date-time"},
        "expr": {"type": "string"},
    },
    "x-kubernetes-validations": [
        {
            "rule": "self.type == 'a' || self.type == 'b' ||\n !has(self.expr)",
            "message": "spec.expr is only for a and b",
        }
    ],
}


def crd(version: str, spec: dict[str, Any]) -> str:
    names = {"kind": "Provider"}
    schema = {"openAPIV3Schema": {"properties": {"spec": spec}}}
    versions = [{"name": version, "schema": schema}]
    body = {"group": "notification.toolkit.fluxcd.io", "names": names, "versions": versions}
    head = "# providers.yaml of fluxcd/notification-controller v9.9.9 (Apache-2.0)\n"
    return head + yaml.safe_dump({"apiVersion": "apiextensions.k8s.io/v1", "spec": body})


@pytest.fixture
def generate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", ROOT / "schemas" / "generate.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "FOLDER", tmp_path)
    return module


class TestGenerate:
    def made(self, generate: ModuleType, tmp_path: Path, *texts: str) -> dict[str, Any]:
        files = []
        for index, text in enumerate(texts):
            file = tmp_path / f"{index}.yaml"
            file.write_text(text)
            files.append(str(file))
        assert generate.main(files) == 0
        schema: dict[str, Any] = json.loads((tmp_path / "provider-v7.json").read_bytes())
        return schema

    def test_the_origin_is_kept(self, generate: ModuleType, tmp_path: Path) -> None:
        schema = self.made(generate, tmp_path, crd("v7", SPEC))
        assert "of fluxcd/notification-controller v9.9.9" in schema["$comment"]

    def test_words_of_openapi_go_and_properties_of_that_name_stay(
        self, generate: ModuleType, tmp_path: Path
    ) -> None:
        schema = self.made(generate, tmp_path, crd("v7", SPEC))
        properties = schema["properties"]["spec"]["properties"]
        assert properties["type"] == {"type": "string"}
        assert properties["description"] == {"type": "string"}

    def test_a_later_file_wins(self, generate: ModuleType, tmp_path: Path) -> None:
        schema = self.made(
            generate, tmp_path, crd("v7", SPEC), crd("v7", {"type": "object", "properties": {}})
        )
        assert schema["properties"]["spec"] == {"type": "object", "properties": {}}

    def test_several_crds_in_one_file_are_read(self, generate: ModuleType, tmp_path: Path) -> None:
        self.made(generate, tmp_path, crd("v8", SPEC) + crd("v7", SPEC))
        assert (tmp_path / "provider-v8.json").exists()

    @pytest.mark.parametrize(
        ("kind", "valid"), [("a", True), ("b", True), ("c", False)], ids=["a", "b", "c"]
    )
    def test_a_rule_becomes_a_condition(
        self, generate: ModuleType, tmp_path: Path, kind: str, valid: bool
    ) -> None:
        schema = self.made(generate, tmp_path, crd("v7", SPEC))["properties"]["spec"]
        assert Draft202012Validator(schema).is_valid({"type": kind, "expr": "x"}) is valid
        assert Draft202012Validator(schema).is_valid({"type": kind})

    def test_a_rule_that_it_does_not_know_stops_it(
        self, generate: ModuleType, tmp_path: Path
    ) -> None:
        rules = [{"rule": "self.a == self.b", "message": "no"}]
        with pytest.raises(SystemExit, match=r"self\.a == self\.b"):
            self.made(generate, tmp_path, crd("v7", {**SPEC, "x-kubernetes-validations": rules}))

    def test_without_files_it_says_how_to_use_it(
        self, generate: ModuleType, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert generate.main([]) == 2
        assert "CRD.yaml" in capsys.readouterr().err

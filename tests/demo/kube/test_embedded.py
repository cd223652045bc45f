from __future__ import annotations

import json
import stat
import threading
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import pytest

from statusbot.demo.kube import EmbeddedKubernetes
from tests.real.certificate import certificate
from tests.real.parts import NoGoError, unavailable
from tests.support.kube import (
    STREAMING_LIST,
    Client,
    alert,
    config_map,
    core,
    kustomization,
    kustomizations,
    names,
    ready,
    secret,
)

THEN = datetime(2026, 11, 20, 23, 7, 51, tzinfo=UTC)


def test_apply_keeps_what_the_object_says(kube: EmbeddedKubernetes) -> None:
    told = kustomization("apps", "a") | {"status": ready("main@sha1:x", generation=7)}
    told["metadata"] |= {"uid": "u", "generation": 7, "creationTimestamp": "2026-01-01T00:00:00Z"}
    kube.apply(told)
    (found,) = kube.objects("Kustomization")
    del found["metadata"]["resourceVersion"]
    assert found == told


def test_apply_completes_what_the_object_does_not_say(kube: EmbeddedKubernetes) -> None:
    kube.apply(kustomization("apps", "a"))
    metadata = kube.objects("Kustomization")[0]["metadata"]
    assert metadata["generation"] == 1 and metadata["uid"] and metadata["creationTimestamp"]


def test_apply_again_keeps_the_uid(kube: EmbeddedKubernetes) -> None:
    kube.apply(kustomization("apps", "a"))
    uid = kube.objects("Kustomization")[0]["metadata"]["uid"]
    kube.apply(kustomization("apps", "a", team="x"))
    assert kube.objects("Kustomization")[0]["metadata"]["uid"] == uid


def test_apply_of_another_spec_makes_a_new_generation(kube: EmbeddedKubernetes) -> None:
    kube.apply(kustomization("apps", "a"))
    changed = kustomization("apps", "a")
    changed["spec"]["path"] = "./other"
    kube.apply(changed)
    assert kube.objects("Kustomization")[0]["metadata"]["generation"] == 2


def test_apply_has_its_own_resource_versions(kube: EmbeddedKubernetes) -> None:
    told = kustomization("apps", "a")
    told["metadata"]["resourceVersion"] = "5"
    kube.apply(told)
    assert kube.objects("Kustomization")[0]["metadata"]["resourceVersion"] != "5"


def test_apply_leaves_its_argument_alone(kube: EmbeddedKubernetes) -> None:
    told = kustomization("apps", "a")
    kube.apply(told)
    assert told == kustomization("apps", "a")


def test_apply_makes_the_namespace(kube: EmbeddedKubernetes) -> None:
    kube.apply(kustomization("apps", "a"))
    assert [found["metadata"]["name"] for found in kube.objects("Namespace")] == ["apps"]


def test_apply_takes_the_texts_of_a_secret(kube: EmbeddedKubernetes) -> None:
    kube.apply(secret("apps", "s", token="t"))
    assert kube.objects("Secret")[0]["data"] == {"token": "dA=="}


def test_apply_of_an_unknown_kind_is_a_mistake(kube: EmbeddedKubernetes) -> None:
    with pytest.raises(KeyError, match="HelmRelease"):
        kube.apply({"apiVersion": "v2", "kind": "HelmRelease", "metadata": {"name": "x"}})


def test_delete_of_what_is_not_there_is_nothing(kube: EmbeddedKubernetes) -> None:
    before = kube.store.version
    kube.delete("Kustomization", "apps", "none")
    assert kube.store.version == before


def test_delete_is_seen_by_a_watch(kube: EmbeddedKubernetes, client: Client) -> None:
    kube.apply(kustomization("apps", "a"))
    since = str(kube.store.version)
    kube.delete("Kustomization", "apps", "a")
    with_events = client.events(kustomizations(), resourceVersion=since)
    assert next(with_events)["type"] == "DELETED"
    with_events.close()


def test_answers_have_the_date_of_the_clock() -> None:
    with EmbeddedKubernetes(clock=lambda: THEN) as kube, Client(kube.url) as client:
        assert client.get("/version").headers["Date"] == "Fri, 20 Nov 2026 23:07:51 GMT"


def test_new_objects_have_the_time_of_the_clock() -> None:
    with EmbeddedKubernetes(clock=lambda: THEN) as kube, Client(kube.url) as client:
        kube.apply(kustomization("apps", "a"))
        made = client.post(core("configmaps", "apps"), config_map("apps", "m")).ok()
        assert made["metadata"]["creationTimestamp"] == "2026-11-20T23:07:51Z"


def test_the_kubeconfig_is_for_its_owner_only(kube: EmbeddedKubernetes, tmp_path: Path) -> None:
    path = kube.kubeconfig(tmp_path / "config")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_kubeconfig_has_the_token(tmp_path: Path) -> None:
    with EmbeddedKubernetes(token="s3cret") as kube:
        config = json.loads(kube.kubeconfig(tmp_path / "config").read_text())
    assert config["users"][0]["user"] == {"token": "s3cret"}


def test_a_kind_can_be_missing() -> None:
    with (
        EmbeddedKubernetes(versions={"Kustomization": ()}) as kube,
        Client(kube.url) as client,
    ):
        assert client.get(kustomizations()).status == 404


def test_an_old_version_of_a_kind_can_be_the_only_one() -> None:
    with EmbeddedKubernetes(versions={"Alert": ("v1beta2",)}) as kube, Client(kube.url) as client:
        kube.apply(alert("apps", "a") | {"apiVersion": "notification.toolkit.fluxcd.io/v1beta2"})
        found = client.get("/apis/notification.toolkit.fluxcd.io/v1beta2/alerts").ok()
    assert found["items"][0]["apiVersion"] == "notification.toolkit.fluxcd.io/v1beta2"


def test_tls_is_served_with_the_certificate_that_it_is_given() -> None:
    try:
        pair = certificate()
    except NoGoError as error:
        unavailable("a certificate", error)
    with EmbeddedKubernetes(tls=pair) as kube, Client(kube.url, ca=pair[0]) as client:
        assert kube.url.startswith("https://") and client.get("/readyz").status == 200


def test_many_clients_at_once_lose_nothing(kube: EmbeddedKubernetes) -> None:
    kube.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "apps"}})

    def write(number: int) -> None:
        with Client(kube.url) as client:
            for place in range(10):
                name = f"n{number}-{place}"
                client.post(core("configmaps", "apps"), config_map("apps", name)).ok()

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({o["metadata"]["resourceVersion"] for o in kube.objects("ConfigMap")}) == 80


def test_ten_thousand_objects_are_streamed_whole(kube: EmbeddedKubernetes, client: Client) -> None:
    kube.apply_all(kustomization("apps", f"k{number}") for number in range(10_000))
    events = client.events(kustomizations(), **STREAMING_LIST)
    added = {event["object"]["metadata"]["name"] for event in islice(events, 10_000)}
    assert (len(added), next(events)["type"]) == (10_000, "BOOKMARK")
    events.close()


def test_ten_thousand_objects_are_listed_in_pages(kube: EmbeddedKubernetes, client: Client) -> None:
    kube.apply_all(kustomization("apps", f"k{number}") for number in range(10_000))
    found: list[str] = []
    token = ""
    while token or not found:
        page = client.get(kustomizations(), limit="500", **({"continue": token} if token else {}))
        found += names(page.ok())
        token = page.data["metadata"]["continue"]
    assert found == sorted(f"k{number}" for number in range(10_000))

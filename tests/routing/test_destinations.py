"""Which Providers lead somewhere."""

from __future__ import annotations

from typing import Any

import pytest

from statusbot.errors import StatusbotError
from statusbot.manifests.invalid import Invalid
from statusbot.manifests.provider import Provider, parse
from statusbot.routing.destinations import Destinations, Unusable, destination
from tests.support.objects import provider


def parsed(name: str = "forge", **spec: Any) -> Provider:
    found = parse(provider(name, **spec))
    assert isinstance(found, Provider), str(found)
    return found


def unusable(**spec: Any) -> Unusable:
    with pytest.raises(Unusable) as caught:
        destination(parsed(**spec), "fallback")
    return caught.value


class TestDestination:
    def test_a_provider_leads_to_its_repository(self) -> None:
        there = destination(parsed(), "fallback")
        assert there.repository.key == "github.com/acme/fleet"
        assert there.forge.type == "github"

    def test_its_id_is_what_flux_shows_of_its_uid(self) -> None:
        assert destination(parsed(), "fallback").id == "0c9c2e41"

    def test_one_of_a_file_has_the_fallback_for_an_id(self) -> None:
        obj = provider()
        del obj["metadata"]["uid"]
        found = parse(obj)
        assert isinstance(found, Provider)
        assert destination(found, "fallback").id == "fallback"

    def test_the_api_may_be_named(self) -> None:
        there = destination(parsed(), "x", "https://ghe.example/api/v3")
        assert there.repository.api == "https://ghe.example/api/v3"

    @pytest.mark.parametrize("spec", [{"suspend": True}, {"type": "slack"}, {"type": "generic"}])
    def test_what_is_no_destination_by_choice_is_no_error(self, spec: dict[str, Any]) -> None:
        assert unusable(**spec).error is False

    def test_a_suspended_one_says_so(self) -> None:
        assert "suspended" in unusable(suspend=True).what

    def test_a_chat_says_what_it_is(self) -> None:
        assert "type slack shows no commit status" in unusable(type="slack").what

    def test_a_suspended_one_is_not_looked_at_further(self) -> None:
        assert unusable(suspend=True, address="nowhere").error is False

    @pytest.mark.parametrize(
        ("spec", "words"),
        [
            ({"commitStatusExpr": "'x' + "}, "spec.commitStatusExpr"),
            ({"address": "https://github.com/acme"}, "spec.address"),
            ({"address": ""}, "spec.address"),
        ],
    )
    def test_what_somebody_has_to_mend_is_an_error(self, spec: dict[str, Any], words: str) -> None:
        found = unusable(**spec)
        assert found.error is True
        assert words in found.what

    def test_a_broken_address_shows_no_password(self) -> None:
        assert "s3cret" not in unusable(address="https://me:s3cret@github.com/acme").what


class TestApiUrl:
    def test_an_annotation_names_the_root_of_the_api(self) -> None:
        assert self.api("https://ghe.example/api/v3") == "https://ghe.example/api/v3"

    def test_a_providers_own_wins_over_that_of_the_run(self) -> None:
        assert self.api("https://ghe.example/api/v3", "https://x.example") == (
            "https://ghe.example/api/v3"
        )

    def test_an_empty_one_is_none(self) -> None:
        assert self.api(" ", "https://x.example/api/v3") == "https://x.example/api/v3"

    def api(self, annotation: str, of_the_run: str | None = None) -> str:
        obj = provider()
        obj["metadata"]["annotations"] = {"statusbot/api-url": annotation}
        found = parse(obj)
        assert isinstance(found, Provider)
        return destination(found, "x", of_the_run).repository.api


class TestAddressInTheSecret:
    def test_it_is_taken_where_the_provider_names_none(self) -> None:
        found = Destinations([parsed(address="")], "x", None, lambda one: "https://github.com/a/b")
        assert found.find("flux-system/forge").repository.path == "a/b"

    def test_it_is_not_looked_for_otherwise(self) -> None:
        def fail(one: Provider) -> str:
            raise AssertionError(one)

        Destinations([parsed()], "x", None, fail).find("flux-system/forge")

    def test_a_secret_that_cannot_be_read_makes_the_provider_unusable(self) -> None:
        def fail(one: Provider) -> str:
            raise StatusbotError("may not read it", where="Secret a/b")

        found = Destinations([parsed(address="")], "x", None, fail)
        with pytest.raises(Unusable, match="Secret a/b: may not read it"):
            found.find("flux-system/forge")


class TestDestinations:
    def test_a_provider_is_found_by_namespace_and_name(self) -> None:
        found = Destinations([parsed("one"), parsed("two", address="https://github.com/a/b")], "x")
        assert found.find("flux-system/two").repository.path == "a/b"

    def test_one_that_is_not_there_says_so(self) -> None:
        with pytest.raises(Unusable, match="there is no such Provider") as caught:
            Destinations([], "x").find("flux-system/forge")
        assert caught.value.error is True

    def test_an_unusable_one_says_why(self) -> None:
        with pytest.raises(Unusable, match="suspended"):
            Destinations([parsed(suspend=True)], "x").find("flux-system/forge")

    def test_an_invalid_one_says_where_and_why(self) -> None:
        broken = Invalid("", "Provider", "a", "b", "$.spec.type", "is missing")
        found = Destinations([broken], "x")
        assert found.invalid == {"a/b": "$.spec.type: is missing"}
        with pytest.raises(Unusable, match=r"\$\.spec\.type: is missing") as caught:
            found.find("a/b")
        assert caught.value.error is True

    def test_a_broken_one_does_not_hurt_the_others(self) -> None:
        broken = Invalid("", "Provider", "a", "b", "$", "is broken")
        found = Destinations([broken, parsed("bad", address="x"), parsed("good")], "x")
        assert found.find("flux-system/good").repository.path == "acme/fleet"

    def test_the_fallbacks_are_for_all(self) -> None:
        obj = provider()
        del obj["metadata"]["uid"]
        found = parse(obj)
        assert isinstance(found, Provider)
        there = Destinations([found], "id", "https://ghe.example/api/v3").find("flux-system/forge")
        assert (there.id, there.repository.api) == ("id", "https://ghe.example/api/v3")

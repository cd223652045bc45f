"""From a Provider to its login."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

from statusbot.cluster.errors import Forbidden
from statusbot.errors import StatusbotError
from statusbot.forges.base import Login
from statusbot.posting.access import Access, Accesses
from statusbot.secret import Secrets
from tests.support.objects import FakeCluster
from tests.support.posting import destination

HEADER = "Authorization"


@dataclass
class Keeper(FakeCluster):
    """A cluster that has one Secret, or refuses to show it."""

    values: Mapping[str, bytes] | None = None
    refuses: StatusbotError | None = None
    asked: list[str] = field(default_factory=list)

    def secret(self, namespace: str, name: str) -> Mapping[str, bytes] | None:
        self.asked.append(f"{namespace}/{name}")
        if self.refuses:
            raise self.refuses
        return self.values


def accesses(keeper: Keeper, token: str | None = None) -> Accesses:
    return Accesses(Secrets(keeper), token)


def login(access: Access) -> Login:
    assert isinstance(access.credential, Login)
    return access.credential


def said(keeper: Keeper, **options: str | None) -> str:
    with pytest.raises(StatusbotError) as caught:
        accesses(keeper)(destination(**options))  # type: ignore[arg-type]
    return str(caught.value)


def test_the_token_of_the_providers_secret_is_the_login() -> None:
    keeper = Keeper(values={"token": b"abcdef\n"})
    assert dict(login(accesses(keeper)(destination())).headers) == {HEADER: "Bearer abcdef"}
    assert keeper.asked == ["flux-system/token"]


def test_a_secret_is_read_once_for_all_statuses_of_its_provider() -> None:
    keeper = Keeper(values={"token": b"abcdef"})
    logins = accesses(keeper)
    logins(destination())
    logins(destination())
    assert len(keeper.asked) == 1


def test_two_providers_have_their_own() -> None:
    keeper = Keeper(values={"token": b"abcdef"})
    logins = accesses(keeper)
    logins(destination())
    logins(destination(provider="other", secret="its"))
    assert keeper.asked == ["flux-system/token", "flux-system/its"]


def test_what_is_wrong_is_said_for_every_status_and_asked_once() -> None:
    keeper = Keeper(refuses=Forbidden("may not read the Secret"))
    logins = accesses(keeper)
    for _ in range(2):
        with pytest.raises(Forbidden):
            logins(destination())
    assert len(keeper.asked) == 1


def test_a_token_of_the_environment_takes_the_place_of_every_secret() -> None:
    keeper = Keeper()
    made = login(accesses(keeper, "from-env")(destination(secret=None)))
    assert made.secrets == ("from-env",)
    assert keeper.asked == []


def test_a_provider_without_a_secret_is_a_sentence() -> None:
    assert said(Keeper(), secret=None).startswith("spec.secretRef is missing: ")


def test_a_secret_that_is_not_there_comes_with_the_command_that_makes_it() -> None:
    text = said(Keeper())
    assert text.startswith("Secret flux-system/token: there is no such Secret: ")
    assert "kubectl -n flux-system create secret generic token --from-literal=token=" in text


def test_a_secret_that_is_no_text_is_a_sentence_without_its_bytes() -> None:
    text = said(Keeper(values={"token": b"s3cr\xff"}))
    assert text == "Secret flux-system/token: its key token holds what is no UTF-8 text"


def test_a_secret_without_a_token_is_a_sentence() -> None:
    assert "has no token" in said(Keeper(values={"username": b"me"}))

"""Contexts, one status for each place, and what of it is news."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from statusbot.contexts import Namesakes
from statusbot.ledger.memory import Ledger, Owed
from statusbot.ledger.posted import Posted
from statusbot.manifests.provider import Provider
from statusbot.plan import Known, News, Plan, plan, said_by
from statusbot.results.result import ObjectRef, Result
from statusbot.results.state import State
from statusbot.routing.destinations import destination
from statusbot.routing.routed import routed
from statusbot.routing.status import CommitStatus, Destination, Routed, Way
from tests.support.objects import C1, C2, EARLIER, NOW, URL

DAY = 86400.0
A = ObjectRef("Kustomization", "a", "apps", "1")
B = ObjectRef("Kustomization", "b", "apps", "2")
GREEN = Result(
    A,
    C1,
    State.SUCCESS,
    "ReconciliationSucceeded",
    "Applied revision: x",
    NOW,
    EARLIER,
    current=True,
)
RED = replace(GREEN, state=State.FAILURE, reason="BuildFailed", message="no such file")


def leads(address: str = URL, id_: str = "0c9c2e41", type_: str = "github") -> Destination:
    return destination(Provider("", "a", "forge", id_, type_, address), "")


THERE = leads()


def of_namespace(namespace: str) -> Destination:
    return destination(replace(THERE.provider, namespace=namespace), "")


def to(result: Result, there: Destination = THERE, alert: str = "a/all", **way: Any) -> Routed:
    found = routed(result, Way(there, alert, **way))
    assert isinstance(found, Routed)
    return found


def planned(*statuses: Routed, ledger: Ledger | None = None, now: float = NOW) -> Plan:
    namesakes = Namesakes()
    for status in statuses:
        namesakes.meet(status.result.object, status.way.destination)
    return plan(statuses, namesakes, ledger or Ledger(), now=now, recheck=DAY)


def statuses(made: Plan) -> list[CommitStatus]:
    return [news.status for news in made.news] + [known.status for known in made.known]


def only(made: Plan) -> CommitStatus:
    (status,) = statuses(made)
    return status


def posted_as(status: Routed, **fields: Any) -> Ledger:
    """A ledger that holds the status as it would be posted, but for these fields."""
    ledger = Ledger()
    news = planned(status).news[0]
    said = news.said
    posted = Posted(said.state, said.reason, said.text, said.when, EARLIER, EARLIER)
    ledger.record(status.result.object, news.status.key, replace(posted, **fields), EARLIER)
    return ledger


def news(made: Plan) -> News:
    (item,) = made.news
    assert made.known == []
    return item


def known(made: Plan) -> Known:
    (item,) = made.known
    assert made.news == []
    return item


class TestContexts:
    def test_a_context_is_fluxs_own(self) -> None:
        assert only(planned(to(GREEN))).context == "kustomization/apps/0c9c2e41"

    def test_namesakes_get_their_namespaces_both(self) -> None:
        made = planned(to(GREEN), to(replace(GREEN, object=B)))
        assert {status.context for status in statuses(made)} == {
            "kustomization/a/apps/0c9c2e41",
            "kustomization/b/apps/0c9c2e41",
        }

    def test_and_a_warning_that_says_who_they_are(self) -> None:
        (warning,) = planned(to(GREEN), to(replace(GREEN, object=B))).warnings
        assert warning == (
            "Kustomization apps is in the namespaces a, b, all for github.com/acme/fleet: "
            "their contexts are kustomization/<namespace>/apps/0c9c2e41"
        )

    def test_they_are_namesakes_whatever_their_commits(self) -> None:
        made = planned(to(GREEN), to(replace(GREEN, object=B, commit=C2)))
        assert len({status.context for status in statuses(made)}) == 2

    @pytest.mark.parametrize(
        "other",
        [
            to(replace(GREEN, object=B), leads("https://github.com/acme/other")),
            to(replace(GREEN, object=B), leads(id_="ffffffff")),
            to(replace(GREEN, object=replace(B, name="web"))),
        ],
        ids=["repository", "id", "name"],
    )
    def test_what_differs_otherwise_is_no_namesake(self, other: Routed) -> None:
        made = planned(to(GREEN), other)
        assert made.warnings == []
        assert "kustomization/apps/0c9c2e41" in {status.context for status in statuses(made)}

    def test_two_providers_for_one_repository_under_one_id_are_one_place(self) -> None:
        made = planned(to(GREEN, leads()), to(replace(GREEN, object=B), leads()))
        assert len(made.warnings) == 1
        assert len({status.context for status in statuses(made)}) == 2

    def test_three_namesakes_are_named_in_one_sentence(self) -> None:
        objects = [replace(A, namespace=namespace, uid=namespace) for namespace in "cab"]
        made = planned(*(to(replace(GREEN, object=object_)) for object_ in objects))
        (warning,) = made.warnings
        assert "the namespaces a, b, c," in warning

    def test_an_object_that_nobody_met_is_a_namesake_of_those_that_were_met(self) -> None:
        """It is gone, and what it is still owed must not go under the other's context."""
        namesakes = Namesakes()
        namesakes.meet(B, THERE)
        assert namesakes.context(A, THERE) == "kustomization/a/apps/0c9c2e41"
        assert namesakes.context(B, THERE) == "kustomization/apps/0c9c2e41"

    def test_an_object_that_was_met_twice_is_alone(self) -> None:
        made = planned(to(GREEN), to(replace(GREEN, commit=C2)))
        assert made.warnings == []


class TestOneForEachPlace:
    def test_one_object_through_two_alerts_to_one_place_is_one_status(self) -> None:
        made = planned(to(GREEN), to(GREEN, alert="a/other"))
        assert only(made).result is GREEN
        assert made.warnings == []

    def test_an_alert_for_everything_counts_before_one_for_errors(self) -> None:
        errors = to(GREEN, alert="a/errors", errors_only=True)
        for pair in ((errors, to(GREEN)), (to(GREEN), errors)):
            assert only(planned(*pair)).routed.only_over_red is False

    def test_two_commits_are_two_places(self) -> None:
        assert len(statuses(planned(to(GREEN), to(replace(GREEN, commit=C2))))) == 2

    def test_two_repositories_are_two_places(self) -> None:
        other = leads("https://github.com/acme/other")
        assert len(statuses(planned(to(GREEN), to(GREEN, other)))) == 2

    @pytest.mark.parametrize(
        ("better", "worse"),
        [
            (State.SUCCESS, State.PENDING),
            (State.PENDING, State.FAILURE),
            (State.FAILURE, State.ERROR),
            (State.SUCCESS, State.ERROR),
        ],
    )
    def test_where_two_objects_share_a_context_the_worse_shows(
        self, better: State, worse: State
    ) -> None:
        other = ObjectRef("Kustomization", "a", "Apps", "3")
        good, bad = replace(GREEN, state=better), replace(GREEN, state=worse, object=other)
        for pair in ((to(good), to(bad)), (to(bad), to(good))):
            assert only(planned(*pair)).result is bad

    def test_and_a_warning_names_both(self) -> None:
        other = ObjectRef("Kustomization", "a", "Apps", "3")
        (warning,) = planned(to(GREEN), to(replace(GREEN, object=other))).warnings
        assert warning == (
            "a/apps and a/Apps share the context kustomization/apps/0c9c2e41: "
            "it shows the worse of the two"
        )

    def test_what_the_ledger_holds_of_one_of_them_is_for_the_forge_to_tell(self) -> None:
        other = to(replace(GREEN, object=ObjectRef("Kustomization", "a", "Apps", "3")))
        made = planned(to(GREEN), other, ledger=posted_as(to(GREEN)))
        assert (news(made).posted, news(made).look) == (None, True)

    def test_but_not_what_the_forge_will_never_take(self) -> None:
        other = to(
            replace(GREEN, when=NOW - 1, object=ObjectRef("Kustomization", "a", "Apps", "3"))
        )
        made = planned(to(GREEN), other, ledger=posted_as(to(GREEN), refused="never"))
        assert known(made).why == "never"

    def test_of_equal_states_the_newer_shows(self) -> None:
        other = ObjectRef("Kustomization", "a", "Apps", "3")
        newer = replace(GREEN, when=NOW + 1, object=other)
        for pair in ((to(GREEN), to(newer)), (to(newer), to(GREEN))):
            assert only(planned(*pair)).result is newer

    def test_providers_of_two_namespaces_say_it_each(self) -> None:
        made = planned(to(GREEN), to(GREEN, of_namespace("b")))
        assert {status.destination.provider.namespace for status in statuses(made)} == {"a", "b"}
        assert made.warnings == []

    def test_the_worse_shows_also_where_their_providers_are_of_two_namespaces(self) -> None:
        other = ObjectRef("Kustomization", "a", "Apps", "3")
        bad = replace(RED, object=other)
        made = planned(to(GREEN), to(bad, of_namespace("b")))
        assert only(made).result is bad
        assert len(made.warnings) == 1

    def test_but_not_where_one_of_them_names_the_context_itself(self) -> None:
        other = ObjectRef("Kustomization", "b", "other", "3")
        named = replace(
            to(replace(RED, object=other), of_namespace("b")), context="kustomization/apps/0c9c2e41"
        )
        assert len(statuses(planned(to(GREEN), named))) == 2

    @pytest.mark.parametrize("turned", [False, True])
    def test_of_two_results_of_one_object_flux_tells_which_is_later(self, turned: bool) -> None:
        """The API server's clock may be ahead of Flux's when one of them is read."""
        early = replace(RED, when=NOW, reconciled=EARLIER)
        late = replace(GREEN, when=NOW - 60, reconciled=EARLIER + 1)
        both = [to(early), to(late)]
        assert only(planned(*(reversed(both) if turned else both))).result == late

    @pytest.mark.parametrize("states", [(State.FAILURE, State.SUCCESS), (State.SUCCESS,) * 2])
    def test_an_object_that_was_made_anew_is_one_with_the_one_before(
        self, states: tuple[State, State]
    ) -> None:
        """What the deleted one is still owed is older, and never shows over the newer."""
        before = replace(GREEN, state=states[0], when=EARLIER, object=replace(A, uid="0"))
        now = replace(GREEN, state=states[1])
        for pair in ((to(before), to(now)), (to(now), to(before))):
            made = planned(*pair)
            assert only(made).result is now
            assert made.warnings == []


class TestNews:
    def test_what_the_ledger_does_not_hold_is_news(self) -> None:
        item = news(planned(to(GREEN)))
        assert item.posted is None
        assert item.said == said_by(item.status)

    def test_what_it_holds_is_known(self) -> None:
        made = planned(to(GREEN), ledger=posted_as(to(GREEN)))
        assert known(made).posted is True

    def test_another_state_is_news_that_knows_what_was_posted(self) -> None:
        item = news(planned(to(RED), ledger=posted_as(to(GREEN))))
        assert item.posted is not None
        assert item.posted.state is State.SUCCESS

    def test_what_is_known_of_one_commit_says_nothing_of_another(self) -> None:
        news(planned(to(replace(GREEN, commit=C2)), ledger=posted_as(to(GREEN))))

    def test_a_later_result_is_not_overwritten(self) -> None:
        made = planned(to(RED), ledger=posted_as(to(GREEN), when=NOW + 1))
        assert known(made).posted is False

    def test_a_current_status_is_compared_again_after_a_day(self) -> None:
        ledger = posted_as(to(GREEN))
        assert known(planned(to(GREEN), ledger=ledger, now=EARLIER + DAY - 1))
        assert news(planned(to(GREEN), ledger=ledger, now=EARLIER + DAY))

    def test_a_status_of_the_past_is_not(self) -> None:
        past = to(replace(GREEN, current=False))
        assert known(planned(past, ledger=posted_as(past), now=EARLIER + 9 * DAY))


class TestOnItsWay:
    """What is unfinished may have been written by a run that was killed before it said so."""

    def test_what_is_posted_and_unfinished_is_for_the_forge_to_tell(self) -> None:
        ledger = posted_as(to(GREEN))
        ledger.owe(A, [Owed(RED, "a/all", unfinished=True)], NOW)
        assert news(planned(to(GREEN), ledger=ledger))

    def test_what_is_still_owed_though_it_is_posted_is_asked_of_the_forge(self) -> None:
        """It was news, and what made it so is no longer owed."""
        ledger = posted_as(to(GREEN))
        ledger.owe(A, [Owed(GREEN, "a/all")], NOW)
        assert news(planned(to(GREEN), ledger=ledger)).look

    def test_flux_may_have_posted_what_came_between_and_is_owed(self) -> None:
        ledger = posted_as(to(GREEN))
        ledger.owe(A, [Owed(RED, "a/all")], NOW)
        assert news(planned(to(GREEN), ledger=ledger)).look

    def test_what_flux_posted_between_is_corrected_again(self) -> None:
        ledger = posted_as(to(GREEN), corrected=True)
        ledger.owe(A, [Owed(RED, "a/all")], NOW)
        posted = news(planned(to(GREEN), ledger=ledger)).posted
        assert posted is not None
        assert posted.corrected is False

    @pytest.mark.parametrize(
        "owed",
        [Owed(RED, "a/other", True), Owed(replace(RED, commit=C2), "a/all", True)],
        ids=["alert", "commit"],
    )
    def test_what_is_owed_otherwise_does_not_count(self, owed: Owed) -> None:
        ledger = posted_as(to(GREEN))
        ledger.owe(A, [owed], NOW)
        assert known(planned(to(GREEN), ledger=ledger))

    def test_what_a_later_result_settled_stays_settled(self) -> None:
        ledger = posted_as(to(GREEN), when=NOW + 1)
        ledger.owe(A, [Owed(RED, "a/all", unfinished=True)], NOW)
        assert known(planned(to(RED), ledger=ledger)).posted is False


BY_KEY = (
    leads("https://bitbucket.org/acme/fleet", type_="bitbucket"),
    leads("https://h.example/scm/ACME/fleet.git", type_="bitbucketserver"),
)


class TestLook:
    """A write by key replaces what is there, so the forge need not be read before it."""

    @pytest.fixture(params=BY_KEY, ids=lambda there: there.forge.type)
    def there(self, request: pytest.FixtureRequest) -> Destination:
        found: Destination = request.param
        return found

    def test_forges_that_add_a_row_are_always_read_first(self) -> None:
        assert news(planned(to(GREEN))).look

    def test_a_write_by_key_needs_no_read(self, there: Destination) -> None:
        assert not news(planned(to(GREEN, there))).look

    def test_nor_does_one_that_changes_what_the_ledger_holds(self, there: Destination) -> None:
        ledger = posted_as(to(RED, there))
        assert not news(planned(to(GREEN, there), ledger=ledger)).look

    def test_another_message_is_written_over_no_words_of_flux_unread(
        self, there: Destination
    ) -> None:
        ledger = posted_as(to(replace(RED, message="another"), there))
        assert news(planned(to(RED, there), ledger=ledger, now=NOW + DAY / 2)).look

    def test_what_the_object_only_tells_of_its_past_is_read(self, there: Destination) -> None:
        """The ledger may be an old copy, or a new one: it does not know what came there later."""
        past = replace(GREEN, current=False)
        assert news(planned(to(past, there), ledger=posted_as(to(RED, there)))).look

    def test_a_wait_for_too_long_is_read_since_it_may_not_end_a_green(
        self, there: Destination
    ) -> None:
        assert news(planned(to(replace(RED, lasting=True), there))).look

    def test_without_a_ledger_it_is_read(self, there: Destination) -> None:
        assert news(planned(to(GREEN, there), ledger=Ledger(kept=False))).look

    def test_what_may_have_been_written_is_read(self, there: Destination) -> None:
        ledger = Ledger()
        ledger.owe(A, [Owed(GREEN, "a/all", unfinished=True)], NOW)
        assert news(planned(to(GREEN, there), ledger=ledger)).look

    def test_what_was_deferred_is_not(self, there: Destination) -> None:
        ledger = Ledger()
        ledger.owe(A, [Owed(GREEN, "a/all")], NOW)
        assert not news(planned(to(GREEN, there), ledger=ledger)).look

    def test_what_is_compared_again_from_time_to_time_is_read(self, there: Destination) -> None:
        made = planned(to(GREEN, there), ledger=posted_as(to(GREEN, there)), now=NOW + 2 * DAY)
        assert news(made).look

    def test_a_green_that_is_only_to_end_a_red_is_read(self, there: Destination) -> None:
        assert news(planned(to(GREEN, there, errors_only=True))).look


class TestErrorsOnly:
    def test_a_success_over_a_success_is_of_no_interest(self) -> None:
        status = to(GREEN, errors_only=True)
        made = planned(status, ledger=posted_as(status), now=EARLIER + 9 * DAY)
        assert known(made).posted is False
        assert known(made).why == "its Alert asks for errors only"

    def test_a_success_over_our_red_is_news(self) -> None:
        ledger = posted_as(to(RED, errors_only=True))
        assert news(planned(to(GREEN, errors_only=True), ledger=ledger))

    def test_a_success_over_what_nobody_knows_is_for_the_forge_to_tell(self) -> None:
        assert news(planned(to(GREEN, errors_only=True))).status.routed.only_over_red

    def test_a_failure_is_news_in_any_case(self) -> None:
        ledger = posted_as(to(GREEN, errors_only=True))
        assert news(planned(to(RED, errors_only=True), ledger=ledger))


class TestSaid:
    def status(self, result: Result) -> CommitStatus:
        return CommitStatus(to(result), "kustomization/apps/id")

    def test_it_holds_what_is_compared(self) -> None:
        said = said_by(self.status(GREEN))
        assert (said.state, said.reason) == (State.SUCCESS, "ReconciliationSucceeded")
        assert (said.when, said.current) == (NOW, True)

    def test_texts_that_differ_from_try_to_try_are_equal(self) -> None:
        one, two = (
            said_by(self.status(replace(RED, message=f"stat /tmp/kustomization-{n}/x")))
            for n in (12345, 54321)
        )
        assert one == two

    def test_other_texts_are_not(self) -> None:
        assert said_by(self.status(RED)) != said_by(self.status(replace(RED, message="other")))

    def test_a_result_without_a_message_has_no_text_to_compare(self) -> None:
        assert said_by(self.status(replace(RED, message=""))).text == ""


_RESULTS = st.builds(
    replace,
    st.just(GREEN),
    object=st.sampled_from([A, B, replace(A, name="web")]),
    commit=st.sampled_from([C1, C2]),
    state=st.sampled_from(State),
)
_WAYS = st.sampled_from([leads(), leads("https://github.com/acme/other"), leads(id_="ffffffff")])


def _goes_out(drawn: tuple[Result, Destination, bool]) -> bool:
    """Who asks for errors only is never told that a commit is pending."""
    result, _, errors_only = drawn
    return not (errors_only and result.state is State.PENDING)


@settings(deadline=None)
@given(st.lists(st.tuples(_RESULTS, _WAYS, st.booleans()).filter(_goes_out), max_size=8))
def test_no_place_is_written_twice_and_none_is_lost(
    drawn: list[tuple[Result, Destination, bool]],
) -> None:
    made = planned(*(to(result, there, errors_only=errors) for result, there, errors in drawn))
    keys = [status.key for status in statuses(made)]
    assert len(keys) == len(set(keys))
    wanted = {(result.object, result.commit, there) for result, there, _ in drawn}
    assert {(one.result.object, one.result.commit, one.destination) for one in statuses(made)} == (
        wanted
    )

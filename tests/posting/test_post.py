"""What becomes of each status: written once, found, deferred, refused, or owed to the next run."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from statusbot.cluster.errors import TimedOut
from statusbot.errors import ClusterError, StatusbotError, Stopped
from statusbot.forges.base import Answer, Meaning, Refused, Request
from statusbot.forges.github import GitHub
from statusbot.ledger.pace import Pace
from statusbot.ledger.posted import New, judge, wrote
from statusbot.plan import News, said_by
from statusbot.posting import post as module
from statusbot.posting.access import Access
from statusbot.posting.lane import OVER
from statusbot.posting.outcome import STOPPED, Did, Outcome
from statusbot.posting.post import Post
from statusbot.results.state import State
from statusbot.routing.status import Destination
from tests.support.chaos import Act, FakeForge, always, at, cut, lost, says, unreachable, work
from tests.support.objects import C1, C2, C3, NOW
from tests.support.posting import CONTEXT, Office, destination, news

OTHER = "https://other.example"


def did(outcomes: list[Outcome]) -> list[Did]:
    return [outcome.did for outcome in outcomes]


# -- when all is well -------------------------------------------------------------------------


def test_what_the_forge_does_not_show_is_posted(office: Office) -> None:
    (outcome,) = office.post(news())
    assert (outcome.did, outcome.why, outcome.settled) == (Did.POSTED, "", True)
    assert office.states() == ["success"]


def test_what_the_forge_shows_is_left_alone(office: Office) -> None:
    office.post(news())
    assert did(office.post(news())) == [Did.ALREADY]
    assert office.states() == ["success"]


def test_what_was_posted_is_remembered(office: Office) -> None:
    item = news()
    office.post(item)
    assert office.remembered(item) == wrote(item.said, None, now=NOW)


def test_what_was_found_is_remembered(office: Office) -> None:
    office.post(news())
    office.ledger.objects.clear()
    office.now += 60
    office.post(item := news())
    posted = office.remembered(item)
    assert posted is not None
    assert (posted.written, posted.checked) == (NOW, NOW + 60)


def test_a_commit_is_read_once_for_all_its_statuses(office: Office) -> None:
    office.post(news(name="a"), news(name="b"), news(name="c"))
    assert (len(office.forge.of("GET")), len(office.forge.of("POST"))) == (1, 3)


def test_calls_are_counted(office: Office) -> None:
    made = office.made()
    made([news(name="a"), news(name="b")])
    assert (made.reads, made.writes) == (1, 2)


def test_the_newest_commits_go_first(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CONNECTIONS", 1)
    times = {C1: 1.0, C2: 3.0, C3: 2.0}
    office.post(*(news(commit=commit, arrived=time) for commit, time in times.items()))
    assert [call.commit for call in office.forge.calls] == [C2, C2, C3, C3, C1, C1]


def test_several_connections_work_at_a_time(office: Office) -> None:
    together = threading.Barrier(module.CONNECTIONS, timeout=20)

    def meet(forge: FakeForge, request: Request) -> Answer:
        together.wait()
        return work(forge, request)

    items = [news(commit=f"{number:040x}") for number in range(module.CONNECTIONS)]
    assert set(did(office.post(*items, act=always(meet, "GET")))) == {Did.POSTED}


def test_no_news_ask_no_forge(office: Office) -> None:
    assert office.post() == []
    assert office.forge.calls == []


# -- a dry run --------------------------------------------------------------------------------


def test_a_dry_run_compares_and_posts_nothing(office: Office) -> None:
    (outcome,) = office.post(news(), dry_run=True)
    assert (outcome.did, outcome.why) == (
        Did.WOULD_POST,
        "the forge shows no status of this context",
    )
    assert office.forge.rows == []


def test_a_dry_run_compares_what_a_write_by_key_would_not_look_at(office: Office) -> None:
    office.post(news())
    assert did(office.post(replace(news(), look=False), dry_run=True)) == [Did.ALREADY]


@pytest.mark.parametrize("there", [True, False])
def test_a_dry_run_remembers_nothing(office: Office, there: bool) -> None:
    if there:
        office.post(news())
        office.ledger.objects.clear()
    office.post(news(), dry_run=True)
    assert office.ledger.objects == {}


# -- answers that are lost or unclear ---------------------------------------------------------


@pytest.mark.parametrize("act", [lost, cut, says(500), says(502), says(200, "<html>")])
def test_an_unclear_write_is_read_before_it_is_tried_again(office: Office, act: Act) -> None:
    outcomes = office.post(news(), act=at(1, act, "POST"))
    assert did(outcomes) == [Did.POSTED]
    assert office.states() == ["success"]
    methods = [call.method for call in office.forge.calls]
    assert methods == (["GET", "POST", "GET"] + ([] if act is lost else ["POST"]))


def test_a_lost_answer_is_remembered_as_a_write(office: Office) -> None:
    office.post(item := news(), act=at(1, lost, "POST"))
    assert office.remembered(item) == wrote(item.said, None, now=NOW)


def test_a_correction_whose_answer_is_lost_is_remembered_as_one(office: Office) -> None:
    item = news(State.FAILURE)
    before = wrote(item.said, None, now=NOW)
    office.forge.put(C1, CONTEXT, "success", "by hand")
    office.post(replace(item, posted=before), act=at(1, lost, "POST"))
    posted = office.remembered(item)
    assert posted is not None and posted.corrected


def test_a_green_over_red_whose_answer_is_lost_is_posted(office: Office) -> None:
    office.forge.put(C1, CONTEXT, "failure", "health check failed")
    outcomes = office.post(news(over_red=True), act=at(1, lost, "POST"))
    assert did(outcomes) == [Did.POSTED]


def test_a_write_that_stays_unclear_is_an_error_and_still_owed(office: Office) -> None:
    (outcome,) = office.post(news(), act=always(says(502), "POST"))
    assert (outcome.did, outcome.settled) == (Did.ERROR, False)
    assert outcome.why.startswith("the forge failed")
    assert len(office.forge.of("POST")) == 3


def test_what_may_have_been_written_is_not_remembered(office: Office) -> None:
    office.post(item := news(), act=always(cut, "POST"))
    assert office.remembered(item) is None


def test_what_was_written_behind_a_broken_answer_is_found_by_the_next_run(office: Office) -> None:
    broken = {"POST": lost, "GET": cut}
    office.forge.put(C1, "ci", "success")
    first = at(1, work, "GET")
    office.post(news(), act=lambda call: first(call) or broken[call.method])
    outcomes = office.post(news(), act=lambda call: None)
    assert did(outcomes) == [Did.ALREADY]
    assert office.states() == ["success"]


def test_a_commit_that_cannot_be_read_is_an_error_for_each_of_its_statuses(office: Office) -> None:
    outcomes = office.post(news(name="a"), news(name="b"), act=always(says(502)))
    assert did(outcomes) == [Did.ERROR, Did.ERROR]
    assert not any(outcome.settled for outcome in outcomes)


# -- refusals ---------------------------------------------------------------------------------


def test_a_refused_login_stops_its_own_calls_and_no_others(office: Office) -> None:
    office.logins = {"bad": "bad-token"}
    bad = [news(commit=commit, to=destination(provider="bad")) for commit in (C1, C2, C3)]
    outcomes = office.post(
        *bad,
        news(commit=C1, name="good"),
        act=lambda call: says(401) if call.token == "bad-token" else None,
    )
    assert did(outcomes) == [Did.ERROR] * 3 + [Did.POSTED]
    assert all("does not accept the login" in outcome.why for outcome in outcomes[:3])


@pytest.mark.parametrize("login", ["token-of-all", "another-token"])
def test_providers_of_two_namespaces_write_a_place_once(office: Office, login: str) -> None:
    office.logins["other"] = login
    other = destination(namespace="a", provider="other")
    assert did(office.post(news(), news(to=other))) == [Did.ALREADY, Did.POSTED]
    assert office.states() == ["success"]


def test_a_refused_login_of_another_namespace_hands_its_turn_on(office: Office) -> None:
    office.logins["other"] = StatusbotError("there is none")
    other = destination(namespace="a", provider="other")
    assert did(office.post(news(), news(to=other))) == [Did.POSTED, Did.ERROR]


def test_a_refused_login_is_not_tried_again_and_again(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "CONNECTIONS", 1)
    office.post(*(news(commit=commit) for commit in (C1, C2, C3)), act=always(says(401)))
    assert len(office.forge.calls) == 1


def test_two_tokens_for_one_repository_read_and_write_each_with_its_own(office: Office) -> None:
    office.logins = {"one": "token-1", "two": "token-2"}
    office.post(
        news(name="a", to=destination(provider="one")),
        news(name="b", to=destination(provider="two")),
    )
    assert sorted((call.method, call.token) for call in office.forge.calls) == [
        ("GET", "token-1"),
        ("GET", "token-2"),
        ("POST", "token-1"),
        ("POST", "token-2"),
    ]


def test_a_refused_repository_is_refused_for_all_its_commits(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "CONNECTIONS", 1)
    outcomes = office.post(
        news(commit=C1),
        news(commit=C2),
        news(commit=C1, to=destination(path="acme/other")),
        act=lambda call: says(403) if "acme/fleet" in call.url else None,
    )
    assert did(outcomes) == [Did.ERROR, Did.ERROR, Did.POSTED]
    assert len([call for call in office.forge.calls if "acme/fleet" in call.url]) == 1


def unknown(forge: FakeForge, request: Request) -> Answer:
    """GitHub does not know the commit."""
    if request.method == "GET":
        return says(404)(forge, request)
    return says(422, {"message": "No commit found for SHA: 1"})(forge, request)


def test_an_unknown_commit_is_refused_for_all_its_statuses_and_no_other_commit(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "CONNECTIONS", 1)
    outcomes = office.post(
        news(name="a"), news(name="b"), news(commit=C2), act=always(unknown, commit=C1)
    )
    assert did(outcomes) == [Did.ERROR, Did.ERROR, Did.POSTED]
    assert len([call for call in office.forge.of("POST") if call.commit == C1]) == 1


def test_an_unknown_commit_is_settled(office: Office) -> None:
    item = news()
    (outcome,) = office.post(item, act=always(unknown))
    posted = office.remembered(item)
    assert outcome.settled
    assert posted is not None and posted.refused == outcome.why


def test_an_unknown_commit_of_a_mirror_is_no_error(office: Office) -> None:
    (outcome,) = office.post(news(mirror=True), act=always(unknown))
    assert (outcome.did, outcome.settled) == (Did.SKIPPED, True)


class Guarded(GitHub):
    """A forge that protects some commits' branches."""

    def meaning(self, answer: Answer) -> Meaning:
        return Refused("403 Forbidden", final=False, scope="commit")


def test_a_protected_commit_of_a_mirror_is_an_error(office: Office) -> None:
    item = news(mirror=True)
    there = replace(item.status.destination, forge=Guarded())
    way = replace(item.status.routed.way, destination=there)
    status = replace(item.status, routed=replace(item.status.routed, way=way))
    (outcome,) = office.post(replace(item, status=status))
    assert (outcome.did, outcome.settled) == (Did.ERROR, False)


def test_a_refused_repository_of_a_mirror_is_an_error(office: Office) -> None:
    assert did(office.post(news(mirror=True), act=always(says(403)))) == [Did.ERROR]


def test_a_refusal_that_somebody_can_mend_is_still_owed(office: Office) -> None:
    item = news()
    (outcome,) = office.post(item, act=always(says(403)))
    assert not outcome.settled
    assert office.remembered(item) is None


def test_a_status_that_the_forge_does_not_take_hurts_no_other(office: Office) -> None:
    outcomes = office.post(news(name="a"), news(name="b"), act=at(1, says(422), "POST"))
    assert sorted(did(outcomes)) == [Did.ERROR, Did.POSTED]


# -- forges that are away, and times that are over --------------------------------------------


def test_a_forge_that_cannot_be_reached_stops_nobody_elses_lane(office: Office) -> None:
    there = destination(host=OTHER)
    outcomes = office.post(
        news(to=there),
        news(commit=C2, to=there),
        news(),
        act=lambda call: unreachable if call.url.startswith(OTHER) else None,
    )
    assert did(outcomes) == [Did.ERROR, Did.ERROR, Did.POSTED]
    assert not any(outcome.settled for outcome in outcomes[:2])


@pytest.mark.parametrize(("seconds", "states"), [(None, ["success"]), (0.0, [])])
def test_a_system_without_room_for_a_thread_is_waited_for_while_there_is_time(
    office: Office, monkeypatch: pytest.MonkeyPatch, seconds: float | None, states: list[str]
) -> None:
    start, refused = threading.Thread.start, [RuntimeError("can't start new thread")]

    def starting(thread: threading.Thread) -> None:
        if refused:
            raise refused.pop()
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", starting)
    office.seconds = seconds
    office.post(news())
    assert office.states() == states


def test_a_forge_that_does_not_answer_keeps_nobody_else_waiting(office: Office) -> None:
    others_done = threading.Event()

    def hang(forge: FakeForge, request: Request) -> Answer:
        assert others_done.wait(20)
        return cut(forge, request)

    def act(call: object) -> Act | None:
        if getattr(call, "url", "").startswith(OTHER):
            return hang
        return finish if getattr(call, "method", "") == "POST" else None

    def finish(forge: FakeForge, request: Request) -> Answer:
        others_done.set()
        return work(forge, request)

    outcomes = office.post(news(to=destination(host=OTHER)), news(), act=act)
    assert did(outcomes) == [Did.ERROR, Did.POSTED]


def test_a_limit_beyond_the_run_defers_and_is_still_owed(office: Office) -> None:
    office.seconds = 30
    (outcome,) = office.post(news(), act=always(says(429, headers={"Retry-After": "31"})))
    assert (outcome.did, outcome.settled) == (Did.DEFERRED, False)
    assert "the forge limits our calls" in outcome.why


def test_a_limit_of_one_login_is_none_of_the_others(office: Office) -> None:
    office.seconds = 30
    office.logins = {"busy": "busy-token"}
    limited = says(429, headers={"Retry-After": "31"})
    outcomes = office.post(
        news(name="a", to=destination(provider="busy")),
        news(name="b"),
        act=lambda call: limited if call.token == "busy-token" else None,
    )
    assert did(outcomes) == [Did.DEFERRED, Did.POSTED]


def test_a_run_whose_time_is_over_defers_all_without_a_call(office: Office) -> None:
    office.seconds = 0
    outcomes = office.post(news(), news(commit=C2))
    assert [(one.did, one.why, one.settled) for one in outcomes] == [
        (Did.DEFERRED, OVER, False)
    ] * 2
    assert office.forge.calls == []


# -- logins -----------------------------------------------------------------------------------


def test_a_provider_without_a_login_is_an_error_of_its_own(office: Office) -> None:
    office.logins = {"broken": StatusbotError("there is no such Secret")}
    outcomes = office.post(news(name="a", to=destination(provider="broken")), news(name="b"))
    assert [(one.did, one.settled) for one in outcomes] == [(Did.ERROR, False), (Did.POSTED, True)]
    assert outcomes[0].why == "there is no such Secret"


def test_a_login_for_which_no_time_is_left_is_deferred(office: Office) -> None:
    office.logins = {"forge": TimedOut("the time is over")}
    (outcome,) = office.post(news())
    assert (outcome.did, outcome.settled) == (Did.DEFERRED, False)


# -- Alerts that ask for errors only ----------------------------------------------------------


@pytest.mark.parametrize("state", [None, "success", "pending"])
def test_a_green_that_nobody_asked_for_is_not_posted(office: Office, state: str | None) -> None:
    if state:
        office.forge.put(C1, CONTEXT, state, "by hand")
    (outcome,) = office.post(news(over_red=True))
    assert (outcome.did, outcome.why) == (Did.SKIPPED, "its Alert asks for errors only")
    assert [row.ours for row in office.forge.rows if row.ours] == []


@pytest.mark.parametrize("state", ["failure", "error"])
def test_a_green_ends_a_red_whatever_the_alert_asks_for(office: Office, state: str) -> None:
    office.forge.put(C1, CONTEXT, state, "no")
    assert did(office.post(news(over_red=True))) == [Did.POSTED]


def test_a_green_that_nobody_asked_for_is_posted_once_somebody_does(office: Office) -> None:
    office.post(item := news(over_red=True))
    outcomes = office.post(news(posted=office.remembered(item)))
    assert did(outcomes) == [Did.POSTED]


# -- what stands there already ----------------------------------------------------------------


def test_a_status_that_was_overwritten_is_corrected_once_then_reported(office: Office) -> None:
    office.post(item := news(State.FAILURE))
    for expected in (Did.POSTED, Did.SKIPPED, Did.SKIPPED):
        office.forge.put(C1, CONTEXT, "success", "by hand")
        office.now += 60
        again = news(State.FAILURE, when=office.now, posted=office.remembered(item))
        (outcome,) = office.post(again)
        assert outcome.did is expected
    assert outcome.why == "somebody else writes success over it; it was corrected once"


def test_an_overwritten_status_was_looked_at_just_now(office: Office) -> None:
    item = news(State.FAILURE)
    posted = wrote(item.said, wrote(item.said, None, now=NOW - 9), now=NOW - 8, corrected=True)
    office.forge.put(C1, CONTEXT, "success", "by hand")
    office.post(replace(item, posted=posted))
    assert office.remembered(item) == replace(posted, checked=NOW)


def test_a_later_result_on_the_forge_stays_and_is_not_taken_for_ours(office: Office) -> None:
    office.forge.put(C1, CONTEXT, "success", "reconciliation succeeded: all is well")
    item = news(State.FAILURE, when=NOW - 60, current=False)
    (outcome,) = office.post(item)
    assert (outcome.did, outcome.why) == (Did.ALREADY, "the forge shows a later result")
    posted = office.remembered(item)
    assert posted is not None
    assert (posted.state, posted.reason, posted.text) == (State.SUCCESS, "", "")
    # What was so before it is no news from now on, and what comes later is.
    judged = [
        judge(replace(item.said, when=at), posted, now=NOW, recheck=9e9) for at in (NOW - 60, NOW)
    ]
    assert [isinstance(one, New) for one in judged] == [False, True]


def test_a_later_red_of_another_reason_stays_and_is_known_as_one_that_may_recover(
    office: Office,
) -> None:
    office.forge.put(C1, CONTEXT, "failure", "build failed: no such file")
    item = news(State.FAILURE, when=NOW - 60, current=False)
    item = replace(item, said=replace(item.said, red=(C1,)))
    (outcome,) = office.post(item)
    assert (outcome.did, outcome.why) == (Did.ALREADY, "the forge shows a later result")
    posted = office.remembered(item)
    assert posted is not None
    assert (posted.reason, posted.red) == ("", (C1,))


def test_flux_own_words_cost_no_further_reads(office: Office) -> None:
    """Found once, a row of the notification-controller counts for whatever the message is."""
    office.forge.put(C1, CONTEXT, "failure", "health check failed")
    item = news(State.FAILURE, message="one is broken")
    office.post(item)
    posted = office.remembered(item)
    assert posted is not None
    assert posted.text == item.said.text


# -- objects that were read long ago ----------------------------------------------------------


def turned(item: News, state: State) -> News:
    """The same object read again, in another state."""
    result = replace(item.status.result, state=state, when=NOW + 40, reason="HealthCheckFailed")
    status = replace(item.status, routed=replace(item.status.routed, result=result))
    return News(status, said_by(status), item.posted)


def test_an_object_that_was_read_long_ago_is_read_again_before_it_is_written(
    office: Office,
) -> None:
    office.now += 31
    office.refresh = lambda item: turned(item, State.FAILURE)
    made = office.made()
    (outcome,) = made([news()])
    assert (outcome.did, outcome.status.result.state) == (Did.POSTED, State.FAILURE)
    assert office.states() == ["failure"]


def test_an_object_that_was_read_just_now_is_not_read_again(office: Office) -> None:
    office.now += 30
    office.refresh = lambda item: turned(item, State.FAILURE)
    office.post(news())
    assert office.states() == ["success"]


def test_nothing_is_read_again_for_what_the_forge_shows(office: Office) -> None:
    office.post(news())
    office.now += 60
    asked: list[News] = []

    def refresh(item: News) -> News:
        asked.append(item)
        return item

    office.refresh = refresh
    office.post(news())
    assert asked == []


def test_what_was_read_again_may_be_on_the_forge_already(office: Office) -> None:
    office.forge.put(C1, CONTEXT, "failure", "health check failed: all is well")
    office.now += 31
    office.refresh = lambda item: turned(item, State.FAILURE)
    (outcome,) = office.made()([news()])
    assert outcome.did is Did.ALREADY
    assert len(office.forge.rows) == 1


@pytest.mark.parametrize(("late", "state"), [(29, "success"), (31, "failure")])
def test_a_result_of_the_past_is_as_old_as_the_run(office: Office, late: float, state: str) -> None:
    def slow(forge: FakeForge, request: Request) -> Answer:
        office.now += late
        return work(forge, request)

    office.refresh = lambda item: turned(item, State.FAILURE)
    office.forge.act = at(1, slow, "GET")
    office.made()([news(current=False, when=NOW - 900)])
    assert office.states() == [state]


def test_an_object_that_cannot_be_read_again_is_deferred(office: Office) -> None:
    def refresh(item: News) -> News:
        raise ClusterError("the API server is away")

    office.now += 31
    office.refresh = refresh
    (outcome,) = office.post(news())
    assert (outcome.did, outcome.why, outcome.settled) == (
        Did.DEFERRED,
        "the API server is away",
        False,
    )
    assert office.forge.rows == []


# -- the pace over runs -----------------------------------------------------------------------


ONE, TWO = destination(provider="a"), destination(provider="b", path="acme/other")


def in_a_run_of_two_an_hour(office: Office, *items: News) -> set[Did]:
    made = office.made()
    made.write_limits = ((2, 3600.0),)
    return set(did(made(items)))


def both(commit: str = C1) -> list[News]:
    return [news(to=ONE, commit=commit), news(to=TWO, commit=commit, name="other")]


def test_providers_with_one_login_share_its_pace_in_later_runs_too(office: Office) -> None:
    office.seconds = 60.0
    assert in_a_run_of_two_an_hour(office, *both()) == {Did.POSTED}
    assert in_a_run_of_two_an_hour(office, news(to=TWO, commit=C2)) == {Did.DEFERRED}


def test_a_provider_without_news_hears_of_what_its_login_wrote(office: Office) -> None:
    office.seconds = 60.0
    in_a_run_of_two_an_hour(office, *both())
    office.now += 3700
    late = news(to=TWO, commit=C2, name="other"), news(to=TWO, commit=C3, name="other")
    assert in_a_run_of_two_an_hour(office, *late) == {Did.POSTED}
    assert in_a_run_of_two_an_hour(office, news(to=ONE, commit=C2)) == {Did.DEFERRED}


def test_providers_whose_logins_part_have_a_pace_each(office: Office) -> None:
    office.seconds = 60.0
    in_a_run_of_two_an_hour(office, *both())
    office.now += 3700
    office.logins = {"b": "another"}
    assert in_a_run_of_two_an_hour(office, *both(C2)) == {Did.POSTED}
    assert in_a_run_of_two_an_hour(office, *both(C3)) == {Did.POSTED}


# -- bugs and signals -------------------------------------------------------------------------


def bug(forge: FakeForge, request: Request) -> Answer:
    raise KeyError("bug")


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_bug_in_one_status_does_not_stop_the_others(office: Office, method: str) -> None:
    office.forge.act = always(bug, method, C1)
    made = office.made()
    outcomes = made([news(), news(commit=C2)])
    by_commit = {one.status.result.commit: one for one in outcomes}
    assert (by_commit[C1].did, by_commit[C1].settled) == (Did.ERROR, False)
    assert by_commit[C2].did is Did.POSTED
    assert isinstance(made.crash, KeyError)


def test_a_bug_in_the_one_call_that_asks_after_a_pause_lets_the_others_go(office: Office) -> None:
    there = destination()
    name = f"{there.repository.api} {there.provider.ref}"
    office.ledger.paces[name] = Pace(until=NOW + 999, why="too many")
    office.forge.act = always(bug, "GET", C2)
    older, newest = news(commit=C1, arrived=NOW - 60), news(commit=C2)
    assert did(office.post(older, newest)) == [Did.POSTED, Did.ERROR]


def test_what_a_bug_came_after_may_have_been_written(office: Office) -> None:
    def bug_in_the_answer(forge: FakeForge, request: Request) -> Answer:
        work(forge, request)
        return bug(forge, request)

    office.forge.act = always(bug_in_the_answer, "POST", C1)
    item, made = news(), office.made()
    made([item])
    assert made.unfinished == {item.status.key}


def interrupted(monkeypatch: pytest.MonkeyPatch, made: Post, when: threading.Event) -> None:
    """As if SIGTERM came while the main thread waits for the others, once ``when`` is set."""
    join, main = threading.Thread.join, threading.current_thread()

    def joining(self: threading.Thread, timeout: float | None = None) -> None:
        if threading.current_thread() is main and not made.stopping.is_set():
            assert when.wait(20)
            made.stopping.set()
        join(self, timeout)

    monkeypatch.setattr(threading.Thread, "join", joining)


def test_a_run_that_is_stopped_keeps_what_was_posted_and_defers_what_was_not_begun(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "CONNECTIONS", 1)
    posting, made = threading.Event(), office.made()

    def wait_for_the_stop(forge: FakeForge, request: Request) -> Answer:
        posting.set()
        assert made.stopping.wait(20)
        return work(forge, request)

    office.forge.act = at(1, wait_for_the_stop, "POST")
    interrupted(monkeypatch, made, posting)
    outcomes = made([news(commit=C1, arrived=2), news(commit=C2, arrived=1)])
    assert [(one.did, one.why) for one in outcomes] == [
        (Did.POSTED, ""),
        (Did.DEFERRED, STOPPED),
    ]


def test_a_call_that_outlives_the_run_changes_neither_outcomes_nor_ledger(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "STOP_WITHIN", 0.0)
    posting, over, made = threading.Event(), threading.Event(), office.made()

    def dawdle(forge: FakeForge, request: Request) -> Answer:
        posting.set()
        assert over.wait(20)
        return work(forge, request)

    before = set(threading.enumerate())
    office.forge.act = at(1, dawdle, "POST")
    interrupted(monkeypatch, made, posting)
    item = news()
    outcomes = made([item])
    late = [thread for thread in threading.enumerate() if thread not in before]
    over.set()
    for thread in late:
        thread.join(20)
    assert [(one.did, one.why, one.settled) for one in outcomes] == [(Did.DEFERRED, STOPPED, False)]
    assert (made.outcomes, made.unfinished) == (outcomes, {item.status.key})
    assert office.ledger.objects == {}
    assert office.states() == ["success"]


def test_a_read_that_outlives_the_run_leaves_nothing_unfinished(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "STOP_WITHIN", 0.0)
    reading, over, made = threading.Event(), threading.Event(), office.made()

    def dawdle(forge: FakeForge, request: Request) -> Answer:
        reading.set()
        assert over.wait(20)
        return work(forge, request)

    before = set(threading.enumerate())
    office.forge.act = at(1, dawdle, "GET")
    interrupted(monkeypatch, made, reading)
    outcomes = made([news()])
    late = [thread for thread in threading.enumerate() if thread not in before]
    over.set()
    for thread in late:
        thread.join(20)
    assert [one.did for one in outcomes] == [Did.DEFERRED]
    assert made.unfinished == set()


def test_a_login_that_is_waited_for_when_the_run_stops_defers_all(office: Office) -> None:
    asked = []

    def access(there: Destination) -> Access:
        asked.append(there)
        raise Stopped

    made = office.made()
    made.access_of = access
    outcomes = made([news(commit=C1), news(commit=C2)])
    assert [(one.did, one.why, one.settled) for one in outcomes] == 2 * [
        (Did.DEFERRED, STOPPED, False)
    ]
    assert asked
    assert office.forge.calls == []

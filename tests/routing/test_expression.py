"""``commitStatusExpr``: what Flux documents and tests of it, and what a hostile one cannot do.

Each result that is no documentation's was asked of cel-go v0.26.1 with Flux's environment.
"""

from __future__ import annotations

import importlib.util
import os
import signal
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from statusbot.errors import StatusbotError
from statusbot.routing.cel.process import Died, Process
from statusbot.routing.expression import LONGEST, Expression
from statusbot.text import printable

UID = "0c9c2e41-d2f9-4f9b-9c41-bebc1984d67a"
EVENT: dict[str, Any] = {
    "involvedObject": {"kind": "Kustomization", "name": "gitops-system"},
    "reason": "ApplySucceeded",
    "metadata": {
        "environment": "production",
        "foo": "Bar",
        "clusterName": "berlin",
        "example.com/team": "Blue",
    },
}
ALERT = {
    "metadata": {"name": "test-alert"},
    "spec": {"eventSources": [{"kind": "Kustomization", "name": "*"}, {"kind": "HelmRelease"}]},
}
PROVIDER = {"metadata": {"uid": UID, "generation": 3}, "spec": {"type": "github"}}
OBJECT = "event.involvedObject.kind + '/' + event.involvedObject.name"

# What cel-cpp alone would do for hours, and what would take all the memory there is.
ENDLESS = "[[1]]" + ".map(x, [x, x, x, x, x, x, x, x])" * 14
ENDLESS = f"{ENDLESS} == {ENDLESS} ? 'a' : 'b'"
HUGE = "'aaaaaaaa'" + ".replace('a', 'aaaaaaaa')" * 12


def gives(text: str, event: Mapping[str, Any] = EVENT) -> str:
    return Expression(text)(event, ALERT, PROVIDER)


def refusal(text: str) -> StatusbotError:
    """Of an expression that does not compile."""
    with pytest.raises(StatusbotError) as caught:
        Expression(text)
    return caught.value


def failure(text: str, event: Mapping[str, Any] = EVENT) -> StatusbotError:
    """Of an expression that compiles."""
    expression = Expression(text)
    with pytest.raises(StatusbotError) as caught:
        expression(event, ALERT, PROVIDER)
    return caught.value


def yes(condition: str) -> bool:
    return gives(f"{condition} ? 'yes' : 'no'") == "yes"


# docs/spec/v1beta3/providers.md, the announcement of Flux 2.6, and the tests of
# notification-controller (provider_commit_status_test.go, event_handlers_test.go).
@pytest.mark.parametrize(
    ("text", "result"),
    [
        (
            f"({OBJECT} + '/' + event.metadata.foo + '/' + "
            "provider.metadata.uid.split('-').first().value()).lowerAscii()",
            "kustomization/gitops-system/bar/0c9c2e41",
        ),
        (f"({OBJECT} + '/' + event.metadata.clusterName)", "Kustomization/gitops-system/berlin"),
        (
            f"{OBJECT} + '/' + event.metadata.environment + '/' + provider.metadata.uid",
            f"Kustomization/gitops-system/production/{UID}",
        ),
        (
            f"{OBJECT} + '/' + event.metadata.environment + '/' + "
            "provider.metadata.uid.split('-').first().value()",
            "Kustomization/gitops-system/production/0c9c2e41",
        ),
        (
            f"{OBJECT} + '/' + event.metadata.environment + '/' + provider.metadata.uid + '/' + "
            "alert.metadata.name",
            f"Kustomization/gitops-system/production/{UID}/test-alert",
        ),
        (
            f"({OBJECT} + '/' + event.metadata.environment + '/' + provider.metadata.uid + '/' + "
            "alert.metadata.name).lowerAscii()",
            f"kustomization/gitops-system/production/{UID}/test-alert",
        ),
    ],
)
def test_an_example_of_flux_gives_what_flux_says(text: str, result: str) -> None:
    assert gives(text) == result


def test_the_examples_of_fluxs_api_compile() -> None:
    # internal/controller/provider_controller_test.go
    Expression("event.metadata.namespace + '/' + event.metadata.name + '/' + provider.metadata.uid")


# The same tests again: what Flux refuses.
@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (f"{OBJECT} + '/' + notification.metadata.name", "undeclared reference to 'notification."),
        (
            "kustomization.metadata.name + '/' + provider.metadata.uid",
            "undeclared reference to 'kustomization.",
        ),
        ("event.involvedObject.kind == 'Kustomization'", "expected string, got bool"),
        ("event.", "no viable alternative at input '.' at 1:7"),
        ("event == 'bar'", "'_==_' applied to '(map(string, dyn), string)' at 1:7"),
        ("event.bar.baz", "expected string, got dyn"),
        ("event.bar.split('-').first()", "expected string, got optional_type(string)"),
        ("event", "expected string, got map(string, dyn)"),
        ("['a']", "expected string, got list(string)"),
        ("null", "expected string, got null"),
        ("timestamp(0)", "expected string, got timestamp"),
        ("string", "expected string, got type(string)"),
        ("google.protobuf.StringValue{value: 'a'}", "expected string, got wrapper(string)"),
    ],
)
def test_what_flux_refuses_is_refused_with_its_reason(text: str, reason: str) -> None:
    assert reason in str(refusal(text))


def test_a_field_alone_comes_with_the_way_out() -> None:
    assert refusal("event.metadata.foo").todo == "string(…) around it makes it one"
    assert gives("string(event.metadata.foo)") == "Bar"


def test_the_result_keeps_its_capitals_and_its_spaces() -> None:
    assert gives("' A b '") == " A b "


def test_an_empty_result_is_none() -> None:
    assert failure("''").what == "it gives an empty string"


def test_a_result_of_white_space_is_none() -> None:
    assert failure("' \\n'").what == "it gives an empty string"


def test_a_result_that_no_forge_takes_is_none() -> None:
    assert failure("'a'.replace('a', '" + "b" * 1001 + "')").what == (
        "it gives 1001 characters, and 1000 are the limit here"
    )


def test_a_key_that_is_not_there_is_named_with_the_way_out() -> None:
    error = failure("event.metadata.nobody + ''")
    assert error.what == "it cannot be evaluated: no such key: nobody"
    assert "[?'nobody'].orValue('…')" in error.todo


def test_the_way_out_of_a_missing_key_works() -> None:
    assert gives("'x' + event.metadata[?'nobody'].orValue('y')") == "xy"


def test_a_value_that_is_no_text_is_told() -> None:
    assert "No matching overloads" in str(failure("provider.metadata.generation + '/'"))


def test_an_error_is_one_printable_line() -> None:
    text = str(failure("event['\\u001b[31m\\u202e\\n'] + ''"))
    assert text == printable(text) and "\n" not in text


# What the environment has.
@pytest.mark.parametrize(
    "condition",
    [
        "event.metadata['example.com/team'].lowerAscii() == 'blue'",
        "'%s-%d'.format(['a', 1]) == 'a-1'",
        "strings.quote('a') == '\"a\"'",
        "['a', 'b'].join('-') == 'a-b'",
        "'abc'.reverse() == 'cba'",
        "'a,b'.split(',').last().value() == 'b'",
        "base64.encode(b'hello') == 'aGVsbG8='",
        "string(base64.decode('aGVsbG8=')) == 'hello'",
        "sets.contains([1, 2], [2])",
        "!sets.contains([1], [2])",
        "sets.equivalent([1, 1, 2], [2, 1])",
        "!sets.equivalent([1], [2, 1])",
        "sets.intersects([1, 2], [2, 3])",
        "!sets.intersects([1], [2])",
        "sets.contains(alert.spec.eventSources.map(s, s.kind), ['HelmRelease'])",
        "event.?metadata.?nobody.orValue('x') == 'x'",
        "optional.of('a').optMap(x, x + 'b').value() == 'ab'",
        "optional.unwrap([optional.of('a'), optional.none()]) == ['a']",
        "[optional.of('a'), optional.none()].unwrapOpt() == ['a']",
        "[?optional.none(), 'a'] == ['a']",
        "1 < 1.5",
        "1u <= 1",
        "1.5 > 1u",
        "-1 < 1u",
        "2 >= 1.5",
        "1 < 2 && 1u < 2u && 1.0 < 2.0 && 'a' < 'b' && b'a' < b'b' && false < true",
        "duration('1s') < duration('2s') && timestamp(0) <= timestamp(1)",
        "alert.spec.eventSources.exists(s, s.kind == 'HelmRelease')",
        "has(event.metadata.foo) && !has(event.metadata.nobody)",
        "'Bar'.matches('^[A-Z]')",
    ],
)
def test_what_flux_has_is_there(condition: str) -> None:
    assert yes(condition)


# What Flux has not.
@pytest.mark.parametrize(
    "text",
    [
        "string(math.greatest(1, 2))",
        "cel.bind(x, 'a', x)",
        "['a', 'b'].slice(0, 1).join()",
        "['b', 'a'].sort().join()",
        "['a'].distinct().join()",
        "string(lists.range(3).size())",
        "regex.extract('a', 'a').value()",
        "regex.replace('a', 'a', 'b')",
        "['a'].transformList(i, v, v).join()",
        "['a'].all(i, v, i > 0) ? 'a' : 'b'",
        "proto.hasExt(event, x) ? 'a' : 'b'",
        "url('https://example.com').getHost()",
        "ip('10.0.0.1').family() == 4 ? 'a' : 'b'",
        "quantity('1Gi').isInteger() ? 'a' : 'b'",
        "'abc'.find('b')",
        "event.metadata.`foo` + ''",
        "'a' < 1 ? 'a' : 'b'",
    ],
)
def test_what_flux_has_not_is_refused(text: str) -> None:
    assert "it does not compile: " in str(refusal(text))


def test_a_whole_number_is_an_int_as_it_is_to_flux() -> None:
    assert yes("type(provider.metadata.generation) == int")
    assert gives("string(provider.metadata.generation + 1)") == "4"


def test_a_backtick_in_a_text_is_a_character() -> None:
    assert gives("""'`' + "`" + r'`' + '''`''' // `""") == "````"


def test_an_objects_mapping_need_not_be_a_dict() -> None:
    event = MappingProxyType({"metadata": MappingProxyType({"foo": "x"})})
    assert gives("event.metadata.foo + ''", event) == "x"


def test_an_object_that_is_no_json_is_told() -> None:
    assert "surrogates" in str(failure("'a'", {"message": "\ud800"}))


def test_a_number_that_cel_has_not_is_told() -> None:
    assert "it cannot be evaluated" in str(failure("'a'", {"n": 1 << 70}))


def test_an_expression_that_is_no_text_is_told() -> None:
    assert "surrogates" in str(refusal("'\ud800'"))


def test_an_expression_may_be_so_long_and_no_longer() -> None:
    text = "'a'" + " " * (LONGEST - 3)
    assert gives(text) == "a"
    assert refusal(text + " ").what == "it has 10001 characters, and 10000 are the limit here"


@pytest.mark.parametrize(
    "text",
    [
        "(" * 40 + "'a'" + ")" * 40,
        "[" * 4000 + "]" * 4000,
        "'a'" + " + 'a'" * 40,
        "event" + ".a" * 4000 + " + ''",
        "'a'" + ".trim()" * 1000,
        "true ? 'a' : " * 500 + "'b'",
    ],
)
def test_what_is_nested_deeply_is_refused(text: str) -> None:
    error = refusal(text)
    assert error.what == "it is nested deeper than the 32 levels that CEL's library for C++ takes"
    assert "join" in error.todo


def test_a_long_name_can_be_joined() -> None:
    assert gives(f"[{', '.join(['event.metadata.foo'] * 40)}].join('/')") == "/".join(["Bar"] * 40)


def test_loops_in_loops_have_an_end() -> None:
    loops, text = "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]", "true"
    for name in "abcdefgh":
        text = f"{loops}.all({name}, {text})"
    assert "Iteration budget exceeded" in str(failure(f"{text} ? 'a' : 'b'"))


@pytest.fixture
def process() -> Iterator[Process]:
    process = Process()
    yield process
    process.close()


def test_what_takes_too_long_is_ended_and_not_tried_again(process: Process) -> None:
    expression = Expression(ENDLESS, process)
    for _ in range(2):
        with pytest.raises(StatusbotError, match="it takes more than 2 seconds of the processor"):
            expression(EVENT, ALERT, PROVIDER)
        assert process.pid is None


def test_what_takes_too_much_memory_is_ended_and_not_tried_again(process: Process) -> None:
    expression = Expression(HUGE, process)
    with pytest.raises(StatusbotError, match="memory"):
        expression(EVENT, ALERT, PROVIDER)
    process.close()
    with pytest.raises(StatusbotError, match="memory"):
        expression(EVENT, ALERT, PROVIDER)
    assert process.pid is None


def test_what_was_ended_by_somebody_else_is_tried_again(process: Process) -> None:
    expression = Expression("'a'", process)
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    assert expression(EVENT, ALERT, PROVIDER) == "a"


def test_what_ends_every_process_is_tried_twice() -> None:
    class Doomed(Process):
        asked = 0

        def ask(
            self, request: dict[str, Any], spend: Callable[[float], None] = lambda seconds: None
        ) -> dict[str, str]:
            self.asked += 1
            raise Died("it ends the process", again=True)

    doomed = Doomed()
    with pytest.raises(StatusbotError, match="it ends the process"):
        Expression("'a'", doomed)
    assert doomed.asked == 2


@pytest.mark.parametrize("hostile", [ENDLESS, HUGE])
def test_another_expression_is_evaluated_after_a_hostile_one(
    hostile: str, process: Process
) -> None:
    other = Expression("'a'", process)
    with pytest.raises(StatusbotError):
        Expression(hostile, process)(EVENT, ALERT, PROVIDER)
    assert other(EVENT, ALERT, PROVIDER) == "a"


def test_without_cel_the_way_out_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    error = refusal("'a'")
    assert error.what == "CEL is not installed"
    assert "pip install 'statusbot[cel]'" in error.todo


# Of characters that mean something to CEL, so that some of it compiles.
_TOKENS = st.sampled_from(
    "( ) [ ] { } . , ? : + - * / % ! < > = ' \" ` \\ a x 1 1.5 event alert .metadata 'a' && || == in "
    'null .map(x, .format([ optional.of( has( ?. r\' b\' """'.split()
)


@given(st.one_of(st.text(max_size=20), st.lists(_TOKENS, max_size=12).map("".join)))
def test_no_text_gives_anything_but_a_name_or_a_refusal(text: str) -> None:
    try:
        said = gives(text)
    except StatusbotError as error:
        said = str(error)
        assert said == printable(said) and "\n" not in said
    assert said.strip()

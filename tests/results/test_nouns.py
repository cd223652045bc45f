"""The nouns of this stage: states, names, instants, and fields that may be anything."""

from __future__ import annotations

import pytest

from statusbot.results.instant import epoch
from statusbot.results.loose import mapping, mappings, number, text
from statusbot.results.result import ObjectRef
from statusbot.results.state import State


class TestState:
    def test_only_pending_is_not_final(self) -> None:
        assert [state for state in State if not state.final] == [State.PENDING]

    def test_a_failure_and_an_error_are_one_class(self) -> None:
        assert State.FAILURE.same_class(State.ERROR)
        assert State.ERROR.same_class(State.FAILURE)

    @pytest.mark.parametrize("state", list(State))
    def test_each_state_is_of_its_own_class(self, state: State) -> None:
        assert state.same_class(state)

    @pytest.mark.parametrize("other", [State.PENDING, State.FAILURE, State.ERROR])
    def test_a_success_is_of_no_other_class(self, other: State) -> None:
        assert not State.SUCCESS.same_class(other)
        assert not other.same_class(State.SUCCESS)

    def test_pending_is_of_no_other_class(self) -> None:
        assert not State.PENDING.same_class(State.FAILURE)


class TestObjectRef:
    def test_a_path_is_what_kubectl_writes(self) -> None:
        assert ObjectRef("Kustomization", "a", "web", "1").path == "a/web"

    def test_an_object_of_a_cluster_goes_by_its_uid(self) -> None:
        assert ObjectRef("Kustomization", "a", "web", "1").key == "1"

    def test_an_object_of_a_file_goes_by_its_name(self) -> None:
        assert ObjectRef("Kustomization", "a", "web", "").key == "Kustomization/a/web"


class TestInstants:
    def test_kubernetes_writes_whole_seconds_in_utc(self) -> None:
        assert epoch("1970-01-01T00:01:00Z") == 60.0

    def test_some_times_have_microseconds(self) -> None:
        assert epoch("1970-01-01T00:01:00.500000Z") == 60.5

    def test_a_zone_counts(self) -> None:
        assert epoch("1970-01-01T02:00:00+02:00") == 0.0

    @pytest.mark.parametrize("value", [None, 5, "", "soon", "1970-01-01T00:00:00", [], {}])
    def test_anything_else_is_none(self, value: object) -> None:
        assert epoch(value) is None


class TestLoose:
    def test_a_mapping_is_itself(self) -> None:
        assert mapping({"a": 1}) == {"a": 1}

    def test_of_a_list_the_mappings_are_kept(self) -> None:
        assert mappings([{"a": 1}, None, "x", {"b": 2}]) == [{"a": 1}, {"b": 2}]

    def test_a_string_is_itself(self) -> None:
        assert text("x") == "x"

    def test_a_number_is_itself(self) -> None:
        assert number(-1) == -1

    @pytest.mark.parametrize("value", [None, "7", 1.5, [7], {"a": 7}])
    def test_a_number_of_the_wrong_type_is_zero(self, value: object) -> None:
        assert number(value) == 0

    @pytest.mark.parametrize("value", [None, 5, ["x"], {"a": "x"}, True])
    def test_a_string_of_the_wrong_type_is_empty(self, value: object) -> None:
        assert text(value) == ""

    @pytest.mark.parametrize("value", [None, 5, "x", [{"a": 1}]])
    def test_a_mapping_of_the_wrong_type_is_empty(self, value: object) -> None:
        assert mapping(value) == {}

    @pytest.mark.parametrize("value", [None, 5, "x", {"a": {}}])
    def test_a_list_of_the_wrong_type_is_empty(self, value: object) -> None:
        assert mappings(value) == []

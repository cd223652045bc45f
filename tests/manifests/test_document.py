from __future__ import annotations

from typing import Any

import orjson
import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from statusbot.manifests import texts
from statusbot.manifests.document import Document, Invalid, read_documents


def read(text: str | bytes) -> list[Document | Invalid]:
    data = text.encode() if isinstance(text, str) else text
    return list(read_documents(data, "f.yaml"))


def data(text: str | bytes) -> list[Any]:
    documents = read(text)
    assert all(isinstance(document, Document) for document in documents), documents
    return [document.data for document in documents if isinstance(document, Document)]


def document(text: str) -> Document:
    (only,) = read(text)
    assert isinstance(only, Document)
    return only


def fault(text: str | bytes) -> Invalid:
    (only,) = read(text)
    assert isinstance(only, Invalid)
    return only


class TestDocuments:
    def test_each_document_of_a_stream_comes_in_order(self) -> None:
        assert data("a: 1\n---\na: 2\n--- # three\na: 3\n") == [{"a": 1}, {"a": 2}, {"a": 3}]

    def test_dashes_within_a_line_begin_no_document(self) -> None:
        assert data("a: x\n ---y\nb: |\n  ---\n") == [{"a": "x ---y", "b": "---\n"}]

    @pytest.mark.parametrize("text", ["", "\n", "---\n", "---\n---\n", "# only a comment\n"])
    def test_empty_documents_are_skipped(self, text: str) -> None:
        assert read(text) == []

    def test_an_end_mark_ends_a_document(self) -> None:
        assert data("a: 1\n...\n---\na: 2\n") == [{"a": 1}, {"a": 2}]

    def test_a_directive_belongs_to_the_document_after_it(self) -> None:
        assert data("%YAML 1.1\n---\na: 1\n") == [{"a": 1}]

    def test_a_byte_order_mark_is_no_part_of_the_text(self) -> None:
        assert data("a: 1".encode("utf-8-sig")) == [{"a": 1}]

    def test_utf16_is_read(self) -> None:
        assert data("a: é".encode("utf-16")) == [{"a": "é"}]

    def test_a_secret_is_in_no_repr(self) -> None:
        assert "hunter2" not in repr(document("kind: Secret\nstringData: {token: hunter2}\n"))

    def test_a_fault_spoils_no_other_document(self) -> None:
        first, broken, last = read("a: 1\n---\na: [\n---\na: 3\n")
        assert isinstance(first, Document)
        assert isinstance(broken, Invalid)
        assert isinstance(last, Document)


class TestLists:
    def test_a_list_gives_its_items(self) -> None:
        assert data("kind: List\nitems: [{kind: A}, {kind: B}]") == [{"kind": "A"}, {"kind": "B"}]

    def test_items_of_a_typed_list_get_its_kind(self) -> None:
        text = "apiVersion: g/v1\nkind: AlertList\nitems: [{metadata: {name: x}}]\n"
        assert data(text) == [{"apiVersion": "g/v1", "kind": "Alert", "metadata": {"name": "x"}}]

    def test_lists_in_lists_are_flattened(self) -> None:
        assert data("kind: List\nitems: [{kind: List, items: [{kind: A}]}]") == [{"kind": "A"}]

    @pytest.mark.parametrize("items", ["[]", "null"])
    def test_an_empty_list_gives_nothing(self, items: str) -> None:
        assert read(f"kind: List\nitems: {items}\n") == []

    def test_a_kind_that_only_ends_in_list_is_itself(self) -> None:
        assert data("kind: AllowList\nitems: 5\n") == [{"kind": "AllowList", "items": 5}]

    def test_an_item_that_is_no_object_is_invalid_where_it_stands(self) -> None:
        assert str(fault("kind: List\nitems:\n- 5\n")) == "f.yaml:3:3: $: is no object"

    @pytest.mark.parametrize(
        "text",
        [
            "- {apiVersion: v1, kind: A}\n- {apiVersion: v1, kind: B}\n",
            '[{"apiVersion": "v1", "kind": "A"},\n{"apiVersion": "v1", "kind": "B"}]',
            "- {apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: A}]}\n"
            "- {apiVersion: v1, kind: B}\n",
        ],
    )
    def test_an_array_gives_its_objects(self, text: str) -> None:
        assert [item["kind"] for item in data(text)] == ["A", "B"]

    def test_what_is_no_object_in_an_array_is_invalid_where_it_stands(self) -> None:
        _, second = read("- {apiVersion: v1, kind: A}\n- 5\n")
        assert str(second) == "f.yaml:2:3: $: is no object"

    @pytest.mark.parametrize("text", ["[]", "- a\n", "- op: add\n  path: /x\n", "- kind: A\n"])
    def test_an_array_without_objects_is_none(self, text: str) -> None:
        assert fault(text).message == "is no object"

    def test_an_array_in_an_array_is_no_object(self) -> None:
        assert fault("[[{apiVersion: v1, kind: A}]]").message == "is no object"

    def test_an_array_in_json_may_hold_a_pair_of_surrogates(self) -> None:
        text = '[{"apiVersion": "v1", "kind": "A", "x": "\\ud83d\\ude00"}]'
        assert data(text)[0]["x"] == "\U0001f600"


class TestJSON:
    def test_one_object(self) -> None:
        assert data('{"a": {"b": [1, true, null]}}') == [{"a": {"b": [1, True, None]}}]

    def test_json_lines(self) -> None:
        assert data('{"a": 1}\n{"a": 2}\n') == [{"a": 1}, {"a": 2}]

    def test_two_dumps_in_one_file(self) -> None:
        dump = '{\n    "a": {\n        "b": 1\n    }\n}\n'
        assert data(dump * 2) == [{"a": {"b": 1}}] * 2

    def test_a_list_whose_items_begin_lines(self) -> None:
        text = '{"kind":"List","items":[\n{"kind":"A"},\n{"kind":"B"}\n]}\n'
        assert data(text) == [{"kind": "A"}, {"kind": "B"}]

    def test_a_pair_of_surrogates_is_one_character(self) -> None:
        assert data('{"a": "\\ud83d\\ude00"}') == [{"a": "\U0001f600"}]

    def test_a_broken_line_is_the_only_one_lost(self) -> None:
        first, broken, last = read('{"a": 1}\n{"a": \n{"a": 3}\n')
        assert isinstance(first, Document)
        assert isinstance(broken, Invalid)
        assert isinstance(last, Document)

    def test_flow_style_is_yaml(self) -> None:
        assert data("{a: yes}\n---\n{a: no}\n") == [{"a": True}, {"a": False}]

    def test_a_key_twice_is_invalid(self) -> None:
        assert str(fault('{"a": {"b": 1, "b": 2}}')) == "f.yaml:1:16: $.a: has the key 'b' twice"

    def test_a_dump_is_not_searched_for_them(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(texts, "_HANDWRITTEN", 5)
        assert data('{"a": 1, "a": 2}') == [{"a": 2}]

    def test_positions_are_known(self) -> None:
        assert document('{\n  "spec": {\n    "type": 5}}').position("$.spec.type") == (3, 13)


class TestValues:
    def test_quoted_words_are_texts(self) -> None:
        assert data("a: 'yes'\nb: \"12\"\n") == [{"a": "yes", "b": "12"}]

    def test_keys_are_texts_as_json_needs_it(self) -> None:
        assert data("1: a\nyes: b\n1.5: c\n1e3: d\n") == [
            {"1": "a", "true": "b", "1.5": "c", "1000": "d"}
        ]

    def test_an_alias_stands_for_its_anchor(self) -> None:
        assert data("a: &x {b: 1}\nc: *x\n") == [{"a": {"b": 1}, "c": {"b": 1}}]

    def test_an_alias_of_a_word(self) -> None:
        assert data("a: &x yes\nb: [*x]\n") == [{"a": True, "b": [True]}]

    def test_merged_keys_give_way_to_own_ones(self) -> None:
        text = "base: &base {p: 1, q: 2}\nit: {q: 3, <<: *base}\n"
        assert data(text)[0]["it"] == {"q": 3, "p": 1}

    def test_of_several_merged_mappings_the_first_wins(self) -> None:
        assert data("it: {<<: [{p: 1}, {p: 2, q: 2}]}")[0]["it"] == {"p": 1, "q": 2}

    def test_a_merge_sign_is_a_text_elsewhere(self) -> None:
        assert data("a: <<\nb: [<<]\n'<<': c\n") == [{"a": "<<", "b": ["<<"], "<<": "c"}]

    def test_somebodys_own_tag_changes_nothing(self) -> None:
        assert data("a: !vault 12\nb: !x {c: 1}\n") == [{"a": "12", "b": {"c": 1}}]

    def test_a_bare_tag_makes_a_text(self) -> None:
        assert data("a: ! 12\n") == [{"a": "12"}]


class TestFaults:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("a: 1\nb:\n  - c: 1\n    c: 2\n", "4:5: $.b[0]: has the key 'c' twice"),
            ("1: a\n'1': b\n", "2:1: $: has the key '1' twice"),
            ("a:\n  b: *x\n", "2:6: $.a.b: the alias *x has no anchor before it"),
            ("a: &x\n  b: *x\n", "2:6: $.a.b: the alias *x has no anchor before it"),
            ("a: {<<: 5}\n", "1:9: $.a: << needs a mapping, or a list of them"),
            ("? [a]\n: 1\n", "1:5: $: has a key that is not a text"),
            ("? \n: 1\n", "1:2: $: has a key that is not a text"),
            ("a: !!int x\n", "1:4: $.a: is no int"),
            ("a: !!binary /w==\n", "1:4: $.a: is no binary"),
            ("a: .inf\n", "1:4: $.a: is a number that JSON cannot hold"),
            ("[1]\n", "1:1: $: is no object"),
            ("a:\n\tb: 1\n", "2:1: $: found character that cannot start any token"),
            ("a: 1\nb: \a\n", "2: $: holds a character that YAML does not allow"),
            ("a: 1\n---\nb: 1\nb: 2\n", "4:1: $: has the key 'b' twice"),
        ],
    )
    def test_a_fault_says_where_it_is(self, text: str, expected: str) -> None:
        assert str(read(text)[-1]) == f"f.yaml:{expected}"

    def test_bytes_that_are_no_text_have_a_line(self) -> None:
        assert str(fault(b"a: 1\nb: \xff\n")) == "f.yaml:2: $: is not text in UTF-8"

    @pytest.mark.parametrize("opening", ["[", '{"a":', "- ", "? "])
    def test_endless_depth_is_refused(self, opening: str) -> None:
        assert fault(opening * 100_000).message == "is nested more than 100 levels deep"

    def test_a_deep_json_object_is_refused(self) -> None:
        assert fault('{"a":' * 500 + "1" + "}" * 500).message.startswith("is nested more than")

    def test_depth_within_bounds_is_read(self) -> None:
        assert isinstance(document("a: " + "[" * 99 + "]" * 99), Document)

    def test_one_level_more_is_refused(self) -> None:
        assert fault("a: " + "[" * 100 + "]" * 100).column == 103

    def test_a_billion_laughs_are_refused(self) -> None:
        lines = ["a0: &a0 [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]"]
        lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
        assert fault("\n".join(lines)).message == "its aliases stand for more than 100000 values"


class TestWithoutLibyaml:
    """PyYAML's own parser, where it was built without the one in C."""

    @pytest.fixture(autouse=True)
    def pure(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(texts, "_LOADER", yaml.BaseLoader)

    def test_the_values_are_the_same(self) -> None:
        assert data("a: yes\nb: [1, '2', ! 3]\n---\nc: 012\n") == [
            {"a": True, "b": [1, "2", "3"]},
            {"c": 10},
        ]

    def test_positions_are_the_same(self) -> None:
        assert document("a:\n  b: 1\n").position("$.a.b") == (2, 6)

    @pytest.mark.parametrize("text", ["a:\n\tb: 1\n", "a: 1\nb: \a\n", "a: 1\nb: 2: 3\n"])
    def test_a_fault_is_on_the_same_line(self, text: str) -> None:
        assert fault(text).line == 2

    @pytest.mark.parametrize("opening", ["[", '{"a":', "- ", "? "])
    def test_endless_depth_is_refused(self, opening: str) -> None:
        assert fault(opening * 5000).message == "is nested more than 100 levels deep"


class TestPositions:
    TEXT = "# x\nspec:\n  type: github\n  list:\n    - a: 1\n    - b\n"

    @pytest.mark.parametrize(
        ("path", "position"),
        [
            ("$", (2, 1)),
            ("$.spec", (2, 1)),
            ("$.spec.type", (3, 9)),
            ("$.spec.list", (4, 3)),
            ("$.spec.list[0]", (5, 7)),
            ("$.spec.list[0].a", (5, 10)),
            ("$.spec.list[1]", (6, 7)),
        ],
    )
    def test_a_word_has_its_own_position_and_a_mapping_its_keys(
        self, path: str, position: tuple[int, int]
    ) -> None:
        assert document(self.TEXT).position(path) == position

    @pytest.mark.parametrize("path", ["$.spec.list[7]", "$.spec.list.x", "$.spec.list[7].a"])
    def test_what_is_missing_has_the_position_of_what_it_is_missing_in(self, path: str) -> None:
        assert document(self.TEXT).position(path) == (4, 3)

    def test_lines_count_from_the_start_of_the_file(self) -> None:
        _, second = read("a: 1\n---\na:\n  b: 2\n")
        assert isinstance(second, Document)
        assert second.position("$.a.b") == (4, 6)

    def test_items_of_a_list_have_positions_of_their_own(self) -> None:
        _, second = read("kind: List\nitems:\n- kind: A\n- kind: B\n")
        assert isinstance(second, Document)
        assert second.position("$.kind") == (4, 9)

    def test_documents_in_one_text_are_told_apart(self) -> None:
        _, second = read("{a: 1}\n---\na: 2\n")
        assert isinstance(second, Document)
        assert second.position("$.a") == (3, 4)

    def test_a_document_without_a_text_has_none(self) -> None:
        assert Document({}, "f").position("$") is None

    def test_json_that_no_yaml_parser_reads_has_none(self) -> None:
        assert document('{"a": "\\ud83d\\ude00"}').position("$.a") is None

    def test_a_fault_found_later_gets_its_place(self) -> None:
        fault = Invalid("", "Provider", "a", "b", "$.spec.type", "is bad")
        located = document(self.TEXT).located(fault)
        assert (located.source, located.line, located.column) == ("f.yaml", 3, 9)


_MARKS = ("---\n", "...\n", "a: ", "- ", "&x ", "*x", "<<: ", "!!int ", "? ", "|\n", "%YAML", "yes")
_PIECES = st.sampled_from((*_MARKS, "kind: List\n", "items: ", *"{}[]\n\t\"':, 1\0"))


@settings(deadline=None)
@given(st.binary() | st.lists(_PIECES).map("".join).map(str.encode))
@example(b"\xff\xfe\x00")
@example(b'{"a": "\\ud800"}')
@example(b"--- |\n--- >\n")
def test_no_bytes_whatever_raise(data: bytes) -> None:
    for found in read_documents(data, "f"):
        if isinstance(found, Document):
            found.position("$.a[0]")
        else:
            assert str(found).isprintable()


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@settings(deadline=None)
@given(st.dictionaries(st.text().filter(lambda key: key != "kind"), _JSON))
def test_what_json_can_say_is_read_back(value: dict[str, Any]) -> None:
    assert data(orjson.dumps(value)) == [value]

from __future__ import annotations

import itertools
from datetime import datetime, timedelta

import pytest

from tests.support.forge_contract import Subject

UNKNOWN = "de" * 20
_NUMBERS = itertools.count(1)


def name() -> str:
    return f"other-{next(_NUMBERS)}"


def test_a_stored_status_is_answered_with_what_was_sent(subject: Subject) -> None:
    sent = {"state": "failure", "context": "kustomization/apps/1f2e3d4c", "description": "no path"}
    answer = subject.write(subject.commit, target_url="https://ci.example/1?a=b&c", **sent)
    assert answer.status_code == 201
    row = answer.json()
    # What is sent as "state" comes back as "status".
    assert row["status"] == "failure"
    assert "state" not in row
    assert (row["context"], row["description"]) == (sent["context"], sent["description"])
    assert row["target_url"] == "https://ci.example/1?a=b&c"


def test_what_was_stored_is_read_back_unchanged(subject: Subject) -> None:
    sha = subject.commit
    stored = subject.write(
        sha, description="grün ✓ 日本 😀", target_url="https://e.example/"
    ).json()
    assert subject.rows(sha) == [stored]


@pytest.mark.parametrize("state", ["pending", "success", "failure", "error", "warning", "skipped"])
def test_every_state_of_the_document_is_stored(subject: Subject, state: str) -> None:
    assert subject.write(subject.commit, state=state).json()["status"] == state


def test_any_other_state_is_stored_too(subject: Subject) -> None:
    assert subject.write(subject.commit, state="nonsense").json()["status"] == "nonsense"


def test_nothing_is_required(subject: Subject) -> None:
    answer = subject.send("POST", f"statuses/{subject.commit}", json={})
    assert answer.status_code == 201
    row = answer.json()
    assert [row[key] for key in ("status", "context", "description", "target_url")] == [""] * 4


def test_a_null_is_an_empty_text(subject: Subject) -> None:
    row = subject.write(subject.commit, target_url=None, description=None).json()
    assert (row["target_url"], row["description"]) == ("", "")


def test_texts_lose_the_white_space_around_them(subject: Subject) -> None:
    row = subject.write(subject.commit, context=" c ", description="\t d \n").json()
    assert (row["context"], row["description"]) == ("c", "d")


def test_control_characters_are_kept(subject: Subject) -> None:
    text = "a\x00b\x1b[31m\nc"
    row = subject.write(subject.commit, context=text, description=text).json()
    assert (row["context"], row["description"]) == (text, text)


def test_there_is_no_limit_to_the_length_of_a_text(subject: Subject) -> None:
    row = subject.write(subject.commit, context="x" * 5_000, description="é" * 100_000).json()
    assert (len(row["context"]), len(row["description"])) == (5_000, 100_000)


def test_an_address_is_not_checked(subject: Subject) -> None:
    row = subject.write(subject.commit, target_url="javascript:alert(1)").json()
    assert row["target_url"] == "javascript:alert(1)"


def test_ids_count_the_rows_of_a_commit(subject: Subject) -> None:
    first, second = subject.commit, subject.commit
    ids = [subject.write(sha).json()["id"] for sha in (first, first, second)]
    assert ids == [1, 2, 1]


def test_the_same_status_twice_makes_two_rows(subject: Subject) -> None:
    sha = subject.commit
    for _ in range(2):
        subject.write(sha)
    # Gitea sorts by whole seconds, so which comes first depends on the second.
    assert sorted(row["id"] for row in subject.rows(sha)) == [1, 2]


def test_a_time_is_in_whole_seconds_and_near_now(subject: Subject) -> None:
    row = subject.write(subject.commit).json()
    created = datetime.fromisoformat(row["created_at"])
    assert created.microsecond == 0
    assert abs(datetime.now(created.tzinfo) - created) < timedelta(minutes=5)
    assert row["updated_at"] == row["created_at"]


def test_a_row_names_the_list_of_its_commit_in_full(subject: Subject) -> None:
    sha = subject.commit
    url = f"{subject.url}/api/v1/repos/{subject.repository}/statuses/{sha}"
    assert subject.write(sha).json()["url"] == url


def test_a_sha_in_upper_case_is_the_same_commit(subject: Subject) -> None:
    sha = subject.commit
    assert subject.write(sha.upper()).status_code == 201
    assert len(subject.rows(sha)) == 1


def test_a_repository_is_found_in_upper_case_too(subject: Subject) -> None:
    assert subject.write(subject.commit, repository="ACME/Fleet").status_code == 201


def test_a_slash_at_the_end_does_not_matter(subject: Subject) -> None:
    path = f"statuses/{subject.commit}/"
    assert subject.send("POST", path, json={"state": "success"}).status_code == 201


@pytest.mark.parametrize("sha", [UNKNOWN, "de" * 32, "nope"])
def test_an_unknown_commit_is_an_internal_error_without_words(subject: Subject, sha: str) -> None:
    answer = subject.write(sha)
    assert answer.status_code == 500
    assert answer.json() == {"message": "", "url": f"{subject.url}/api/swagger"}


def test_an_unknown_repository_is_not_found(subject: Subject) -> None:
    answer = subject.write(UNKNOWN, repository="acme/none")
    assert answer.status_code == 404
    assert (answer.json()["message"], answer.json()["errors"]) == ("not found", None)


def test_an_unknown_owner_is_not_found_by_name(subject: Subject) -> None:
    answer = subject.write(UNKNOWN, repository="nobody-here/fleet")
    assert answer.status_code == 404
    assert answer.json()["message"] == "GetUserByName"
    assert answer.json()["errors"] == ["user redirect does not exist [name: nobody-here]"]


def test_the_ending_of_a_clone_address_is_no_part_of_the_name(subject: Subject) -> None:
    assert subject.write(subject.commit, repository="acme/fleet.git").status_code == 404


def test_an_archived_repository_takes_statuses(subject: Subject) -> None:
    repository, sha = subject.setup.new_repository(name())
    subject.setup.change(repository, archived=True)
    assert subject.write(sha, repository=repository).status_code == 201


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "statuses/{}"), ("GET", "commits/{}/status")]
)
def test_a_renamed_repository_redirects_without_its_host(
    subject: Subject, method: str, path: str
) -> None:
    repository, sha = subject.setup.new_repository(name())
    new = name()
    subject.setup.change(repository, name=new)
    answer = subject.send(method, path.format(sha), repository=repository, json={})
    # A client that follows this with GET gets 200 from the list and has stored nothing.
    assert answer.status_code == 301
    assert answer.headers["Location"] == f"/api/v1/repos/acme/{new}/{path.format(sha)}"


@pytest.mark.parametrize("body", ["{", "[]", '{"description": 5}', '"text"'])
def test_a_body_of_the_wrong_shape_is_unprocessable(subject: Subject, body: str) -> None:
    headers = {"Content-Type": "application/json"}
    answer = subject.send("POST", f"statuses/{subject.commit}", data=body, headers=headers)
    assert answer.status_code == 422
    assert answer.json()["message"].startswith("[]: ")


@pytest.mark.parametrize(
    ("kind", "words"),
    [({}, "Empty Content-Type"), ({"Content-Type": "text/plain"}, "Unsupported Content-Type")],
)
def test_a_body_must_say_that_it_is_json(
    subject: Subject, kind: dict[str, str], words: str
) -> None:
    answer = subject.send("POST", f"statuses/{subject.commit}", data=b"{}", headers=kind)
    assert (answer.status_code, answer.json()["message"]) == (422, f"[]: {words}")


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_statuses_cannot_be_changed_or_deleted(subject: Subject, method: str) -> None:
    answer = subject.send(method, f"statuses/{subject.commit}", json={})
    assert (answer.status_code, answer.content) == (405, b"")

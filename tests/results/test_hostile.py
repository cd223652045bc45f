"""Whatever a cluster or a dump file holds: a claim with a sentence, never an exception."""

from __future__ import annotations

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from statusbot.results.history import earlier
from statusbot.results.observation import observe
from statusbot.results.result import Result, Skipped, Waiting
from statusbot.results.rules import claim
from statusbot.results.source import Source, source_of
from statusbot.revision import commit_of
from tests.support.objects import C1, DIGEST, NOW, Look, Object, git

_REASONS = [
    "ReconciliationSucceeded",
    "ArtifactFailed",
    "BuildFailed",
    "AccessDenied",
    "DependencyNotReady",
    "FeatureGateDisabled",
    "Progressing",
]
_MESSAGES = ["kustomization path not found: x", f"for revision {git(C1)}", "for revision x", ""]
_REVISIONS = [git(C1), f"latest@sha256:{DIGEST}", "main", "", ":", "/"]
_TIMES = ["2026-11-20T12:00:00Z", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "x"]
# Objects are large, and a busy machine draws them slowly.
patiently = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
_words = st.sampled_from(
    ("Ready", "True", "False", "GitRepository", *_REASONS, *_MESSAGES, *_REVISIONS, *_TIMES)
)
_text = st.text("aZ0:/@.é\n\x00", max_size=5)
_anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | _text | _words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_text, inner, max_size=3),
    max_leaves=8,
)


def _maybe(strategy: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    """Mostly of the right shape: garbage alone would never come past the first rule."""
    return st.one_of(strategy, strategy, strategy, strategy, _anything)


def _fields(**fields: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    return st.fixed_dictionaries({}, optional={key: _maybe(it) for key, it in fields.items()})


def _one_of(words: list[str]) -> st.SearchStrategy[object]:
    return st.sampled_from(words)


_condition = _fields(
    type=_one_of(["Ready", "Reconciling"]),
    status=_one_of(["True", "False", "Unknown"]),
    reason=_one_of(_REASONS),
    message=_one_of(_MESSAGES),
    lastTransitionTime=_one_of(_TIMES),
)
_entry = _fields(
    lastReconciledStatus=_one_of(_REASONS),
    lastReconciled=_one_of(_TIMES),
    firstReconciled=_one_of(_TIMES),
    metadata=_fields(revision=_one_of(_REVISIONS), originRevision=_one_of(_REVISIONS)),
)
_status = _fields(
    conditions=st.lists(_maybe(_condition), max_size=3),
    history=st.lists(_maybe(_entry), max_size=5),
    lastAttemptedRevision=_one_of(_REVISIONS),
    lastAppliedRevision=_one_of(_REVISIONS),
    lastAppliedOriginRevision=_one_of(_REVISIONS),
    observedGeneration=st.integers(0, 1),
)
_metadata = _fields(
    name=st.just("apps"),
    namespace=st.just("flux-system"),
    uid=_text,
    generation=st.integers(0, 1),
    labels=st.dictionaries(_text, _text, max_size=2),
    creationTimestamp=_one_of(_TIMES),
    deletionTimestamp=st.none(),
)
_spec = _fields(
    suspend=st.booleans(),
    sourceRef=_fields(
        kind=_one_of(["GitRepository", "OCIRepository"]), name=st.just("f"), namespace=st.just("n")
    ),
)
objects = st.fixed_dictionaries(
    {}, optional={"metadata": _maybe(_metadata), "spec": _maybe(_spec), "status": _maybe(_status)}
)
_sources = _fields(
    kind=_one_of(["GitRepository", "OCIRepository"]),
    spec=_fields(url=_text),
    status=_fields(
        artifact=_fields(
            revision=_one_of(_REVISIONS),
            lastUpdateTime=_one_of(_TIMES),
            metadata=st.dictionaries(
                st.just("org.opencontainers.image.revision"), _maybe(_one_of(_REVISIONS))
            ),
        )
    ),
)


def _source(drawn: object) -> Source | None:
    return source_of(drawn) if isinstance(drawn, dict) else None


sources = st.none() | _sources.map(_source)


@given(objects, sources, sources)
@patiently
@example({"status": {"conditions": [{"type": "Ready", "status": "False"}]}}, None, None)
def test_every_object_gets_a_claim(obj: Object, first: Source | None, again: Source | None) -> None:
    claimed = claim(observe(obj, NOW), Look(first, again))
    if isinstance(claimed, Skipped):
        assert claimed.why
    else:
        assert isinstance(claimed, Result | Waiting)
        assert commit_of(claimed.commit, from_git=True) == claimed.commit


@given(objects, sources, st.none() | st.just(C1))
@patiently
def test_every_past_is_told_in_order_and_each_commit_once(
    obj: Object, source: Source | None, claimed: str | None
) -> None:
    results = list(earlier(observe(obj, NOW), Look(source, source), since=0, claimed=claimed))
    assert [result.when for result in results] == sorted(result.when for result in results)
    commits = [result.commit for result in results]
    assert len(set(commits)) == len(commits)
    assert claimed not in commits


@patiently
@given(st.dictionaries(st.sampled_from(["metadata", "spec", "status", "kind"]), _anything))
def test_anything_is_a_source(obj: Object) -> None:
    assert isinstance(source_of(obj), Source)

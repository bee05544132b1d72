"""The state graph: what it is built of, what is asked of it, and how it is drawn."""

import xml.etree.ElementTree as ET

import pytest

from sim.authoring import draw as drawing
from sim.engine import graph
from smalldisease import go, library_of, region


def disease_of(**regions):
    return library_of(**regions).disease


def codes(**regions) -> set[tuple[str, str]]:
    life = {"life": region("alive dead", go("dies", "alive", "dead", median="9 d"), outcomes="dead")}
    return {(p.code, p.name) for p in graph.problems(disease_of(**(life | regions)))}


def test_a_node_per_region_and_state_and_an_edge_per_transition_and_source() -> None:
    built = graph.build(
        disease_of(gut=region("a b c", go("x", ["a", "b"], "c", median="1 d"), go("y", "a", "c", after="1 d")))
    )
    assert ("gut", "b") in built
    assert sorted(key for *_, key in built.edges(keys=True)) == ["x", "x", "y"]
    assert built.nodes["gut", "a"]["initial"] == 1.0


def test_the_authors_order_is_kept() -> None:
    gut = region(
        "a b c", go("one", "a", "b", after="1 d"), go("two", "a", "c", after="1 d"), go("three", "a", "b", after="2 d")
    )
    order = [transition.id for _, transition in graph.transitions_of(graph.build(disease_of(gut=gut)))]
    assert order == ["one", "two", "three"]


def test_an_unknown_state_is_named() -> None:
    with pytest.raises(ValueError, match="lost"):
        graph.build(disease_of(gut=region("a", go("x", "a", "lost", after="1 d"))))


def test_a_sound_graph_has_no_problems() -> None:
    gut = region("a b", go("x", "a", "b", median="1 d", when={"in": {"life": "alive"}}))
    assert codes(gut=gut) == set()


def test_a_state_without_a_way_in_is_unreachable() -> None:
    assert codes(gut=region("a b")) == {("unreachable-state", "b")}


def test_a_way_in_whose_guard_nothing_can_open_does_not_count() -> None:
    gut = region("a b", go("x", "a", "b", median="1 d", when={"in": {"skin": "red"}}))
    skin = region("pale red", go("y", "pale", "red", on={"enter": {"gut": "b"}}))
    assert codes(gut=gut, skin=skin) == {
        ("unreachable-state", "b"), ("unreachable-state", "red"), ("dead-transition", "x"), ("dead-transition", "y"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("when", "opens"),
    [
        ({"any": [{"in": {"skin": "red"}}, {"running": "fluids"}]}, True),
        ({"all": [{"in": {"skin": "red"}}, {"running": "fluids"}]}, False),
        ({"at_least": {"n": 2, "of": [{"in": {"skin": "red"}}, {"running": "fluids"}]}}, False),
        ({"at_least": {"n": 1, "of": [{"in": {"skin": "red"}}, {"running": "fluids"}]}}, True),
        ({"not": {"in": {"skin": "red"}}}, True),
    ],
)
def test_guards_are_taken_apart(when, opens) -> None:
    gut = region("a b", go("x", "a", "b", median="1 d", when=when))
    assert (("unreachable-state", "b") not in codes(gut=gut, skin=region("pale red"))) is opens


@pytest.mark.parametrize("event", [{"start": ["fluids"]}, {"result": ["gene"]}, {"stop": ["fluids"]}])
def test_what_a_learner_does_can_always_come(event) -> None:
    assert codes(gut=region("a b", go("x", "a", "b", on=event))) == set()


def test_a_state_entered_with_one_that_nobody_enters_is_unreachable() -> None:
    gut, skin = region("a b", go("x", "a", "b", on={"enter": {"skin": "red"}})), region("pale red")
    assert ("dead-transition", "x") in codes(gut=gut, skin=skin)
    assert ("unreachable-state", "b") in codes(gut=gut, skin=skin)


def test_a_cases_own_beginning_counts() -> None:
    disease = disease_of(gut=region("a b"))
    assert ("gut", "b") in graph.reachable(disease, {"gut": {"b": 1.0}})
    assert ("gut", "a") not in graph.reachable(disease, {"gut": {"b": 1.0}})


def test_states_that_follow_without_time_are_a_loop() -> None:
    gut = region(
        "a b", go("x", "a", "b", on={"enter": {"skin": "red"}}), go("y", "b", "a", on={"enter": {"skin": "pale"}})
    )
    skin = region(
        "pale red",
        go("u", "pale", "red", on={"enter": {"gut": "a"}}),
        go("v", "red", "pale", on={"enter": {"gut": "b"}}),
    )
    assert "zero-time-loop" in {code for code, _ in codes(gut=gut, skin=skin)}


def test_a_disease_that_cannot_end_is_found() -> None:
    assert ("no-outcome", "") in codes(life=region("alive"))


def test_columns_start_where_patients_begin() -> None:
    gut = region("z a b", go("x", "a", "b", median="1 d"), initial="a")
    assert graph.layers(disease_of(gut=gut), "gut") == (("a",), ("b",), ("z",))


def drawn():
    return disease_of(
        gut=region(
            "a b c", go("x", "a", "b", median="4 d"), go("w", "a", "b", risk="15% by 100 d"),
            go("y", "b", "a", after="18 d..28 d"), go("z", ["a", "b"], "c", on={"start": ["fluids", "insulin"]}),
            c={"name": "<c>"},
        ),
        skin=region(
            "pale red", go("u", "pale", "red", on={"enter": {"gut": "b"}}), go("v", "red", "pale", after="2 h")
        ),
    )  # fmt: skip


def test_transitions_are_labelled_in_the_authors_terms() -> None:
    labels = [drawing.label_of(transition) for _, transition in graph.transitions_of(graph.build(drawn()))]
    assert labels == [
        "median 4 d", "15% by 3 mo 8 d", "after 18 d to 28 d", "on start of fluids ...", "on gut b", "after 2 h",
    ]  # fmt: skip


def test_dot_and_mermaid_name_every_state_and_transition() -> None:
    dot, mermaid = drawing.to_dot(drawn()), drawing.to_mermaid(drawn())
    assert '"gut.a" -> "gut.b" [label="median 4 d"];' in dot
    assert "peripheries=2" in dot
    assert 'gut__a -->|"median 4 d"| gut__b' in mermaid


def test_the_svg_is_well_formed_escapes_text_and_needs_nothing_from_outside() -> None:
    svg = drawing.to_svg(drawn())
    root = ET.fromstring(svg)  # noqa: S314 (our own picture)
    texts = [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]
    assert {"a", "b", "<c>", "median 4 d"} <= set(texts)
    assert "href" not in svg
    assert "<script" not in svg

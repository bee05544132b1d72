"""Naming a diagnosis: words in use are understood, words said of several are asked about, and nothing is a dead end."""

from __future__ import annotations

import pytest

from sim.case.library import load_catalogue
from sim.case.model.catalogue import Catalogue
from sim.case.search import find_diagnosis, short_name
from sim.words.differential_parser import Unread, read_differential, typed_again


@pytest.fixture(scope="module")
def shipped() -> Catalogue:
    return load_catalogue()


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("type 1 diabetes 90", "type1_diabetes"),
        ("diabetes type 2: 5", "type2_diabetes"),
        ("neonatal diabetes 40", "neonatal_diabetes_katp"),
        ("addison 20", "congenital_adrenal_hyperplasia"),
        ("adrenal insufficiency 20", "congenital_adrenal_hyperplasia"),
        ("infectious colitis 10", "infectious_gastroenteritis"),
        ("cow's milk allergy 70", "cows_milk_allergy"),
        ("omenn 5", "omenn_scid"),
    ],
)
def test_words_that_doctors_write_mean_one_diagnosis(shipped: Catalogue, typed: str, meant: str) -> None:
    assert [name for name, _ in read_differential(typed, shipped)] == [meant]


@pytest.mark.parametrize("word", ["dka", "Diabetic ketoacidosis", "diabetes", "ketoacidosis"])
def test_a_word_said_of_several_asks_which_and_names_them(shipped: Catalogue, word: str) -> None:
    assert find_diagnosis(shipped, word) is None
    with pytest.raises(Unread, match=r"Do you mean .*Type 1 diabetes or Type 2 diabetes\?"):
        read_differential(f"{word} 80", shipped)


def test_what_is_in_no_list_is_something_else(shipped: Catalogue) -> None:
    with pytest.raises(Unread, match="It is not in the catalogue: leave it out"):
        read_differential("hypokalaemia 20", shipped)


def test_every_diagnosis_is_found_by_its_name_without_brackets(shipped: Catalogue) -> None:
    lost = [d.id for d in shipped.diagnoses.values() if find_diagnosis(shipped, short_name(d)) != d.id]
    assert lost == []


def test_no_word_said_of_several_is_the_name_of_one(shipped: Catalogue) -> None:
    named = {name.casefold() for d in shipped.diagnoses.values() for name in (d.name, d.id, *d.aliases)}
    assert not named & {word.casefold() for d in shipped.diagnoses.values() for word in d.among}


def test_a_differential_is_offered_again_in_words_that_read_as_it(shipped: Catalogue) -> None:
    given = tuple((name, 0.01) for name in shipped.diagnoses)
    line = typed_again(given, shipped)
    assert "_" not in line
    assert read_differential(line, shipped) == given

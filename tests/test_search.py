"""Finding orders and diagnoses from what people type: spellings, abbreviations, half words, slips of the finger."""

from __future__ import annotations

import time

import pytest

from sim.case.library import load_catalogue
from sim.case.model.catalogue import Catalogue, Diagnosis, Kind, Order
from sim.case.search import SearchIndex, find_diagnosis, index_of, resolve, search
from sim.case.spelling import words_of

FIRST: dict[str, str] = {
    # the eight the issue names
    "cbc": "fbc",
    "fbc": "fbc",
    "ig e": "ige",
    "foxp3": "foxp3_sequencing",
    "tpn": "pn_graded",
    "rapamycin": "sirolimus",
    "bmt": "hsct",
    "steroid": "prednisolone",
    # abbreviations on both sides of the Atlantic
    "FBC": "fbc",
    "full bld count": "fbc",
    "complete blood count": "fbc",
    "u&e": "electrolytes",
    "u+e": "electrolytes",
    "U and E": "electrolytes",
    "bmp": "electrolytes",
    "chem panel": "electrolytes",
    "bun": "electrolytes",
    "lft": "lft",
    "lfts": "lft",
    "liver enzymes": "lft",
    "tft": "thyroid_function",
    "tsh": "thyroid_function",
    "abg": "blood_gas",
    "vbg": "blood_gas",
    "gas": "blood_gas",
    "crp": "crp",
    "pct": "procalcitonin",
    "bm stick": "bedside_glucose",
    "bgl": "bedside_glucose",
    "glucose": "bedside_glucose",
    "sugar": "bedside_glucose",
    "bhb": "ketones",
    "coombs": "dat",
    "dat": "dat",
    "cxr": "chest_xray",
    "chest x-ray": "chest_xray",
    "chest xray": "chest_xray",
    "chest x ray": "chest_xray",
    "axr": "abdominal_xray",
    "us abdo": "abdominal_ultrasound",
    "abdominal ultrasound": "abdominal_ultrasound",
    "ultrasound abdomen": "abdominal_ultrasound",
    "echo": "echocardiogram",
    "ekg": "ecg",
    "eeg": "eeg",
    "mri": "mri_brain",
    "dexa": "dxa",
    "lp": "lumbar_puncture",
    "ogd": "endoscopy",
    "egd": "endoscopy",
    "bal": "bronchoscopy",
    "cvc": "central_line",
    "picc": "central_line",
    "ng": "nasogastric_tube",
    "peg": "gastrostomy",
    "ig": "immunoglobulins",
    "igg": "immunoglobulins",
    "treg": "treg_flow",
    "tregs": "treg_flow",
    "cd25": "cd25_expression",
    "pha": "mitogen",
    "hla": "hla_typing",
    "tissue typing": "hla_typing",
    "wgs": "rapid_genome",
    "exome": "immune_panel",
    "gad": "islet_antibodies",
    "a1c": "hba1c",
    "hba1c": "hba1c",
    "ttg": "coeliac_serology",
    "a1at": "stool_a1at",
    "hiv": "hiv_pcr",
    "cmv": "cmv_pcr",
    "ebv": "ebv_pcr",
    "torch": "infectious_screen",
    "tpmt": "tpmt",
    "vit d": "vitamin_d",
    "vitamin d": "vitamin_d",
    "b12": "b12_folate",
    "pn": "pn_graded",
    "parenteral nutrition": "pn_graded",
    "hsct": "hsct",
    "sct": "hsct",
    "stem cell transplant": "hsct",
    "bone marrow transplant": "hsct",
    "dli": "dli",
    "npo": "nil_by_mouth",
    "nbm": "nil_by_mouth",
    "ors": "oral_rehydration",
    "ivig": "ivig",
    "prbc": "red_cells_irradiated",
    "ffp": "plasma",
    "g-csf": "gcsf",
    "gcsf": "gcsf",
    "mmf": "mycophenolate",
    "6mp": "mercaptopurine",
    "6-mp": "mercaptopurine",
    "mtx": "methotrexate",
    "csa": "ciclosporin",
    "fk506": "tacrolimus",
    "bactrim": "pjp_cotrimoxazole",
    "tmp-smx": "pjp_cotrimoxazole",
    "ppi": "omeprazole",
    "d10": "dextrose_bolus",
    "kcl": "potassium_replacement",
    "bicarb": "bicarbonate",
    "3% saline": "hypertonic_saline",
    "saline": "bolus_isotonic",
    "normal saline": "bolus_isotonic",
    "ringer's lactate": "bolus_isotonic",
    "bolus": "bolus_isotonic",
    "fluids": "bolus_isotonic",
    "insulin": "insulin_infusion",
    "insulin pump": "insulin_pump",
    "antibiotics": "antibiotics_broad",
    "abx": "antibiotics_broad",
    "steroids": "prednisolone",
    "prednisone": "prednisolone",
    "thyroxine": "levothyroxine",
    "acetaminophen": "paracetamol",
    "epinephrine": "inotropes",
    "glyburide": "glibenclamide",
    "gfd": "gluten_free_diet",
    "mmr": "mmr_vaccine",
    "bcg": "bcg_vaccine",
    "picu": "admit_picu",
    "icu": "admit_picu",
    "palliative": "consult_palliative",
    "bp": "ex_vital_signs",
    "gcs": "ex_consciousness",
    "family history": "hx_family_tree",
    "pedigree": "hx_family_tree",
    "vaccines": "hx_immunisations",
    "fits": "hx_seizures",
    "wet nappies": "hx_urine",
    "wet diapers": "hx_urine",
    # British and American spelling
    "haemoglobin": "fbc",
    "hemoglobin": "fbc",
    "haemolysis screen": "haemolysis_screen",
    "hemolysis screen": "haemolysis_screen",
    "celiac serology": "coeliac_serology",
    "fecal calprotectin": "calprotectin",
    "faecal calprotectin": "calprotectin",
    "edema": "ex_oedema",
    "oedema": "ex_oedema",
    "diarrhea": "hx_stool",
    "diarrhoea": "hx_stool",
    "cyclosporine": "ciclosporin",
    "cyclosporin": "ciclosporin",
    "acyclovir": "aciclovir",
    "hydrolyzed formula": "hydrolysed_formula",
    "genetic counseling": "genetic_counselling",
    "transfer center": "transfer_centre",
    "hematology": "consult_haematology",
    "anesthesia": "consult_anaesthesia",
    "moisturizer": "emollient",
    "tunneled line": "central_line",
    "immunization": "hx_immunisations",
    "magnesium sulfate": "magnesium_replacement",
    # half a word
    "glucos": "bedside_glucose",
    "gluc": "bedside_glucose",
    "lactat": "lactate",
    "siro": "sirolimus",
    "siroli": "sirolimus",
    "tac": "tacrolimus",
    "tacrol": "tacrolimus",
    "ste": "prednisolone",
    "full b": "fbc",
    "full": "fbc",
    "trep": "bone_marrow",
    "trepo": "infectious_screen",
    "blood cul": "blood_culture",
    "insulin inf": "insulin_infusion",
    "methylp": "methylprednisolone",
    "endosc": "endoscopy",
    "wet w": "wet_wraps",
    "donor se": "donor_search",
    # words the other way round, words from the middle
    "culture blood": "blood_culture",
    "gene panel": "immune_panel",
    "level sirolimus": "sirolimus_level",
    "flow treg": "treg_flow",
    "cells red irradiated": "red_cells_irradiated",
    "how is feeding": "hx_feeding",
    "check weight": "ex_weight",
    "start insulin": "insulin_infusion",
    "blood": "fbc",
    "line": "central_line",
    "transfuse": "red_cells_irradiated",
    # slips of the finger
    "tacrolimis": "tacrolimus",
    "sirolimos": "sirolimus",
    "sirolimos level": "sirolimus_level",
    "pottasium": "electrolytes",
    "creatnine": "electrolytes",
    "bld culture": "blood_culture",
    "blod culture": "blood_culture",
    "bloodculture": "blood_culture",
    "hemoglobine": "fbc",
    "immunoglobulns": "immunoglobulins",
    "predisolone": "prednisolone",
    "levothyroxin": "levothyroxine",
    "azathioprin": "azathioprine",
    "azathiopine": "azathioprine",
    "cotrimoxasole": "pjp_cotrimoxazole",
    "flucanazole": "fluconazole",
    "omeprazol": "omeprazole",
    "endoscpy": "endoscopy",
    "dermatolgy": "consult_dermatology",
    "parentral nutrition": "pn_graded",
    "calprotecin": "calprotectin",
    "ketons": "ketones",
}


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


@pytest.mark.parametrize(("typed", "wanted"), FIRST.items())
def test_what_people_type_puts_the_right_order_first(catalogue: Catalogue, typed: str, wanted: str) -> None:
    found = [order.id for order in search(catalogue, typed)]
    assert found[:1] == [wanted], found


def test_the_table_is_long_enough_to_mean_something() -> None:
    assert len(FIRST) >= 120


def test_every_order_is_first_for_its_own_id_name_and_aliases(catalogue: Catalogue) -> None:
    for order in catalogue.orders.values():
        for called in (order.id, order.name, *order.aliases):
            assert search(catalogue, called)[0].id == order.id, called
            assert resolve(catalogue, called) == order.id, called


def test_case_hyphens_and_punctuation_do_not_matter(catalogue: Catalogue) -> None:
    for typed in ("IGE", "ig-e", " Ig. E ", "ig_e", "iGe"):
        assert resolve(catalogue, typed) == "ige"


def test_a_limit_and_kinds_are_kept_to(catalogue: Catalogue) -> None:
    assert len(search(catalogue, "s", limit=5)) == 5
    therapies = search(catalogue, "tacro", kinds={Kind.THERAPY})
    assert therapies[0].id == "tacrolimus"
    assert {order.kind for order in therapies} == {Kind.THERAPY}
    assert {order.kind for order in search(catalogue, "stool", limit=40, kinds=[Kind.HISTORY])} == {Kind.HISTORY}


def test_a_kind_is_filtered_before_the_limit(catalogue: Catalogue) -> None:
    assert len(search(catalogue, "", limit=400, kinds={Kind.HISTORY})) >= 40
    assert search(catalogue, "stool", limit=1, kinds={Kind.EXAMINATION})[0].id == "ex_stool"


def test_nothing_typed_lists_the_common_orders(catalogue: Catalogue) -> None:
    common = search(catalogue, "")
    assert len(common) == 12
    assert {"fbc", "electrolytes"} <= {order.id for order in common}


def test_what_nobody_means_finds_nothing(catalogue: Catalogue) -> None:
    for typed in ("xyzzy", "qqqq", "?!", "\u2603", "zzzz zzzz"):
        assert search(catalogue, typed) == ()
        assert resolve(catalogue, typed) is None


def test_no_order_is_listed_twice(catalogue: Catalogue) -> None:
    for typed in ("stool", "blood", "insulin", "level", "transplnt", "e"):
        found = [order.id for order in search(catalogue, typed, limit=400)]
        assert len(found) == len(set(found))


def test_something_common_goes_before_its_rarer_namesakes(catalogue: Catalogue) -> None:
    found = [order.id for order in search(catalogue, "tpn", limit=5)]
    assert found.index("pn_graded") < found.index("pn_full")


def test_the_beginning_of_a_name_goes_before_a_word_inside_one(catalogue: Catalogue) -> None:
    found = [order.id for order in search(catalogue, "glucose", limit=20)]
    assert found[:1] == ["bedside_glucose"]
    assert found.index("dextrose_bolus") < found.index("urine_dip")  # 'glucose bolus' and 'urine glucose'


def test_a_slip_is_resolved_when_it_can_only_mean_one_thing(catalogue: Catalogue) -> None:
    assert resolve(catalogue, "tacrolimis") == "tacrolimus"
    assert resolve(catalogue, "bedside glucos") == "bedside_glucose"
    assert resolve(catalogue, "foxp3 sequencin") == "foxp3_sequencing"


def test_what_may_mean_two_orders_is_not_resolved(catalogue: Catalogue) -> None:
    assert resolve(catalogue, "consult") is None
    assert resolve(catalogue, "biopsy") is None
    assert resolve(catalogue, "st") is None


def test_typing_feels_instant(catalogue: Catalogue) -> None:
    index = index_of(catalogue)
    typed = [word[: n + 1] for word in FIRST for n in range(len(word))]
    began = time.perf_counter()
    for query in typed:
        index.search(query)
    each = (time.perf_counter() - began) / len(typed)
    assert each < 0.003, f"{each * 1000:.2f} ms for each key"


def test_a_catalogue_is_compiled_once_and_never_mistaken_for_another(catalogue: Catalogue) -> None:
    small = Catalogue(
        orders={"ige": Order(id="ige", name="Something else", kind=Kind.THERAPY, group="Other", takes="1 min")},
        observables={},
        diagnoses={"ipex": Diagnosis(id="ipex", name="Only this")},
    )
    assert index_of(catalogue) is index_of(catalogue)
    assert index_of(small) is not index_of(catalogue)
    assert [order.name for order in search(small, "ige")] == ["Something else"]
    assert resolve(small, "fbc") is None
    assert find_diagnosis(small, "only this") == "ipex"


def test_an_empty_catalogue_finds_nothing() -> None:
    empty = SearchIndex(Catalogue(orders={}, observables={}, diagnoses={}))
    assert empty.search("ige") == empty.search("") == ()
    assert empty.resolve("ige") is None
    assert empty.find_diagnosis("ipex") is None


@pytest.mark.parametrize(
    ("typed", "wanted"),
    {
        "ipex": "ipex",
        "IPEX syndrome": "ipex",
        "celiac": "coeliac",
        "coeliac disease": "coeliac",
        "T1D": "type1_diabetes",
        "kcnj11": "neonatal_diabetes_katp",
        "wiskott aldrich": "wiskott_aldrich",
        "omenn": "omenn_scid",
        "cow's milk allergy": "cows_milk_allergy",
        "netherton syndrom": "netherton",
        "cystic fibrosis": "cystic_fibrosis",
        "nothing of the kind": None,
        "": None,
    }.items(),
)
def test_a_diagnosis_is_found_by_name_alias_or_spelling(catalogue: Catalogue, typed: str, wanted: str | None) -> None:
    assert find_diagnosis(catalogue, typed) == wanted


@pytest.mark.parametrize(
    ("british", "american"),
    [
        ("haemolysis", "hemolysis"),
        ("anaemia", "anemia"),
        ("oesophagus", "esophagus"),
        ("diarrhoea", "diarrhea"),
        ("paediatric", "pediatric"),
        ("hydrolysed", "hydrolyzed"),
        ("immunisations", "immunizations"),
        ("tumour", "tumor"),
        ("titre", "titer"),
        ("counselling", "counseling"),
        ("sulphate", "sulfate"),
        ("ciclosporin", "cyclosporine"),
        ("aciclovir", "acyclovir"),
        ("faeces", "feces"),
        ("X-ray", "xray"),
        ("biopsies", "biopsy"),
        ("Crohn\u2019s", "crohns"),
        ("M\u00e9n\u00e9trier", "menetrier"),
    ],
)
def test_two_spellings_of_a_word_are_one_word(british: str, american: str) -> None:
    assert words_of(british) == words_of(american)


def test_words_that_mean_different_things_stay_apart() -> None:
    for one, other in (("ige", "igg"), ("pcr", "crp"), ("vitamin a", "vitamin d"), ("sepsis", "sepsi"), ("us", "u")):
        assert words_of(one) != words_of(other)


@pytest.mark.parametrize("typed", ["insulin infusion 0.1", "insulin_infusion 0.05", "deficit fluids 7", "oxygen 2"])
def test_a_name_with_a_number_that_no_name_has_is_not_taken_for_the_name(catalogue: Catalogue, typed: str) -> None:
    assert resolve(catalogue, typed) is None

"""Rows go by what people call them in sentences, and stay rows in fields of ids."""

from dispatch import relabel

ANA, ROOF = "e41734be-78fc-51d8-8f67-e07edd1915df", "effbf12b-728c-5f9a-9fbd-f0c16224d948"
UNKNOWN = "00000000-0000-7000-8000-000000000001"
LABELS = {ANA: 'C"01', ROOF: "J7"}
PLAN = {
    "routes": [{"contractor_id": ANA, "stops": [{"job_id": ROOF, "reasons": [{"message": f"only {ANA} may"}]}]}],
    "seen": [ROOF],
    "unassigned": [
        {
            "job_id": ROOF,
            "reasons": [
                {
                    "message": "excluded",
                    "remedy": {
                        "subject_id": ROOF,
                        "from": f"{ANA};{UNKNOWN}",
                        "to": {"id": ROOF, "n": 1},
                        "field": None,
                    },
                }
            ],
        }
    ],
    "warnings": [f"id {ROOF}: late"],
    "total": 7,
}


def test_sentences_and_cells_are_relabelled_and_fields_of_ids_stay():
    made = relabel.texts(PLAN, LABELS)
    stop = made["routes"][0]["stops"][0]
    assert (made["routes"][0]["contractor_id"], stop["job_id"], made["seen"]) == (ANA, ROOF, [ROOF])
    assert stop["reasons"] == [{"message": 'only C"01 may'}]
    remedy = made["unassigned"][0]["reasons"][0]["remedy"]
    assert remedy == {"subject_id": ROOF, "from": f'C"01;{UNKNOWN}', "to": {"id": "J7", "n": 1}, "field": None}
    assert (made["warnings"], made["total"]) == (["id J7: late"], 7)


def test_everywhere_is_also_where_a_field_is_an_id():
    made = relabel.everywhere(PLAN, LABELS)
    assert (made["routes"][0]["contractor_id"], made["seen"], made["warnings"]) == ('C"01', ["J7"], ["id J7: late"])
    assert made["unassigned"][0]["reasons"][0]["remedy"]["subject_id"] == "J7"


def test_the_ids_of_a_document_are_those_that_its_sentences_speak_of():
    assert relabel.ids_in(PLAN) == {ANA, ROOF, UNKNOWN}
    assert relabel.ids_in({"job_id": ROOF, "reasons": [{"message": f"of {ANA}"}]}) == {ANA}
    assert relabel.ids_in(f"{ANA}, {ROOF}") == {ANA, ROOF}


def test_a_text_by_itself_is_a_sentence():
    assert relabel.texts(f"{ROOF} and {UNKNOWN}", LABELS) == f"J7 and {UNKNOWN}"

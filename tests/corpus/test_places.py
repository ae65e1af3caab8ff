"""Targets by place: columns that say which word of a text it is, and marks around it."""

import pytest

import odograph
from odograph.corpus import EncodeOptions, Passage, encode_passages
from odograph.corpus.encoded import ROLES
from odograph.corpus.places import PlaceColumns, Places, check_marks, place_columns, without_marks
from odograph.corpus.readers import read_sources
from odograph.corpus.rows import Columns
from odograph.corpus.sources import PassageError
from odograph.corpus.variants import make_variants
from odograph.corpus.words import Target
from odograph.errors import TextError, UsageError

PRONOUN = PlaceColumns("word", "at")
ROWS = (
    "text\tword\tat\tname\tfrom\n"
    "Her sister met her there.\ther\t15\tsister\t4\n"
    "Ann said he saw him.\thim\t16\tAnn\t0\n"
)


def table(folder, rows=ROWS, name="a.tsv"):
    path = folder / name
    path.write_text(rows, "utf-8")
    return str(path)


def columns(**places):
    return Columns(places=Places(**places))


def marked(*marks, text, **places):
    return without_marks(Passage("p", text, "here"), Places(marks=marks, **places))


def test_only_the_word_that_the_columns_mark_is_followed(tmp_path):
    reading = read_sources([table(tmp_path)], columns(targets=(PRONOUN,)))
    assert [p.targets for p in reading.passages] == [
        (Target("her", 15, 18),),
        (Target("him", 16, 19),),
    ]


def test_a_second_pair_of_columns_marks_companions_named_after_it(tmp_path):
    name = PlaceColumns("name", "from")
    reading = read_sources([table(tmp_path)], columns(targets=(PRONOUN,), companions=(name,)))
    assert [p.companions for p in reading.passages] == [
        (Target("name", 4, 10),),
        (Target("name", 0, 3),),
    ]


def test_companions_go_with_targets_that_are_searched_for(tmp_path):
    name = PlaceColumns("name", "from")
    reading = read_sources([table(tmp_path)], columns(companions=(name,)))
    assert [p.targets for p in reading.passages] == [None, None]


def test_of_marked_words_only_the_targets_that_are_named_are_followed(tmp_path):
    read = columns(targets=(PRONOUN,), words=("him",))
    reading = read_sources([table(tmp_path)], read)
    assert [p.targets for p in reading.passages] == [(), (Target("him", 16, 19),)]


def test_upper_case_is_another_word_unless_case_is_ignored():
    assert marked("[]", text="[Her] dog").targets == (Target("Her", 0, 3),)
    assert marked("[]", text="[Her] dog", ignore_case=True).targets == (Target("her", 0, 3),)
    named = marked("[]", text="[Her] dog", words=("her",), ignore_case=True)
    assert named.targets == (Target("her", 0, 3),)


def test_another_word_at_the_offset_is_refused_with_its_row(tmp_path):
    rows = ROWS + "Nobody saw her.\ther\t12\tNobody\t0\n"
    reading = read_sources([table(tmp_path, rows)], columns(targets=(PRONOUN,)))
    (bad,) = reading.skipped
    assert (bad.place, bad.reason) == (
        "a.tsv, line 4",
        "column 'at': expected 'her' at character 12 of the text, got 'er.'. Count the characters "
        "before it, not bytes, tokens or words.",
    )
    with pytest.raises(TextError, match="line 4"):
        read_sources([table(tmp_path, rows)], columns(targets=(PRONOUN,)), strict=True)


@pytest.mark.parametrize("at", ["", "-1", "1.5", "x"])
def test_an_offset_that_is_no_number_is_refused_with_its_row(tmp_path, at):
    rows = ROWS + f"Nobody saw her.\ther\t{at}\tNobody\t0\n"
    (bad,) = read_sources([table(tmp_path, rows)], columns(targets=(PRONOUN,))).skipped
    assert "a word and the number of its first character" in bad.reason


def test_a_row_without_word_and_offset_has_no_target(tmp_path):
    rows = ROWS + "Nobody saw her.\t\t\tNobody\t0\n"
    reading = read_sources([table(tmp_path, rows)], columns(targets=(PRONOUN,)))
    assert reading.passages[-1].targets == ()


def test_offsets_count_characters_whatever_their_bytes(tmp_path):
    rows = '{"text": "\U0001f600 Ça va, her?", "word": "her", "at": 9}\n'
    path = table(tmp_path, rows, "a.jsonl")
    (passage,) = read_sources([path], columns(targets=(PRONOUN,))).passages
    assert passage.targets == (Target("her", 9, 12),)


def test_a_column_that_is_missing_is_named(tmp_path):
    wrong = columns(targets=(PlaceColumns("word", "offset"),))
    with pytest.raises(PassageError, match=r"no column 'offset'.*--target-columns"):
        read_sources([table(tmp_path)], wrong)


def test_marks_are_taken_out_and_mark_the_target():
    passage = marked("[]", text="Then [her] brother saw her.")
    assert passage.text == "Then her brother saw her."
    assert passage.targets == (Target("her", 5, 8),)


def test_two_kinds_of_marks_mark_targets_and_companions():
    passage = marked("<<>>", "**", text="*Ann* saw << her >>.")
    assert passage.text == "Ann saw  her ."
    assert passage.targets == (Target("her", 9, 12),)
    assert passage.companions == (Target("**", 0, 3),)


@pytest.mark.parametrize("text", ["a [dog ran", "a dog] ran", "a [] dog", "a [[dog]]", "[a {dog]}"])
def test_a_mark_without_its_other_half_is_refused_with_its_place(text):
    with pytest.raises(PassageError, match=r"^p: the mark '[\[\]]' at character \d"):
        marked("[]", "{}", text=text)


@pytest.mark.parametrize("marks", [("[",), ("ab",), ("  ",), ("[]", "[)"), ("[]", "{}", "<>")])
def test_marks_that_cannot_be_told_apart_are_refused(marks):
    with pytest.raises(UsageError, match="marks"):
        check_marks(marks)


def test_marks_and_columns_together_are_refused():
    with pytest.raises(UsageError, match="characters are counted with the marks or without"):
        Places(targets=(PRONOUN,), marks=("[]",))


def test_a_pair_of_columns_is_two_names():
    assert place_columns(["Pronoun, Pronoun-offset"], "x") == (
        PlaceColumns("Pronoun", "Pronoun-offset"),
    )
    with pytest.raises(UsageError, match="two columns, WORD,OFFSET"):
        place_columns(["Pronoun"], "x")


def test_a_variant_replaces_the_marked_word_and_moves_what_follows():
    passage = Passage(
        "p",
        "She saw her and Ann.",
        "here",
        targets=(Target("her", 8, 11),),
        companions=(Target("A", 16, 19),),
    )
    made, _ = make_variants([passage], ("her", "round"))
    assert [p.text for p in made] == ["She saw her and Ann.", "She saw round and Ann."]
    assert [p.companions for p in made] == [(Target("A", 16, 19),), (Target("A", 18, 21),)]


def roles(small, passage, **options):
    (found,) = encode_passages([passage], small, EncodeOptions(placed=True, **options)).encoded
    return {
        (ROLES[role], group, int(n))
        for role, group, n in zip(found.role, found.group, found.occurrence, strict=True)
        if role
    }


def test_tokens_bear_the_roles_of_targets_and_companions(small):
    passage = marked("[]", "{}", text="her mother and {her} brother saw [her]")
    assert roles(small, passage) == {
        ("companion", "{}", 0),
        ("non-target", "her", 0),
        ("target", "her", 0),
    }


def test_a_companion_that_stands_before_the_target_stays_its_control(small):
    passage = marked("[]", "{}", text="she watched {her} [home]")
    done = encode_passages([passage], small, EncodeOptions(placed=True))
    assert done.exclusions["companions_with_a_role"] == 1
    assert "companion" not in {role for role, _, _ in roles(small, passage)}


def test_rows_of_targets_alone_hold_the_companions_too(small):
    passage = marked("[]", "{}", text="{she} took and watched [her] home")
    (found,) = encode_passages(
        [passage], small, EncodeOptions(placed=True, select="targets")
    ).encoded
    assert set(found.role[found.row]) == {1, 2, 3}


def test_texts_without_a_marked_word_are_refused(small):
    with pytest.raises(TextError, match="no word is marked in any passage"):
        encode_passages([marked("[]", text="A dog.")], small, EncodeOptions(placed=True))
    with pytest.raises(TextError, match="no marked word is a target: expected 'him'"):
        encode_passages(
            [marked("[]", text="A [dog].", words=("him",))],
            small,
            EncodeOptions(placed=True, targets=("him",)),
        )


def test_every_pronoun_of_the_shared_set_stands_where_its_columns_say(shared_data):
    places = Places(
        (PlaceColumns("Pronoun", "Pronoun-offset"),),
        (PlaceColumns("A", "A-offset"), PlaceColumns("B", "B-offset")),
    )
    path = str(shared_data("texts/gap-development.tsv"))
    reading = read_sources([path], Columns("Text", places=places))
    assert len(reading.passages) == 2000
    assert not reading.skipped
    assert {len(p.targets) for p in reading.passages} == {1}
    assert {frozenset(c.target for c in p.companions) for p in reading.passages} == {
        frozenset("AB")
    }


def test_texts_looked_at_in_python_bring_their_places_and_columns(tmp_path):
    found = odograph.texts(
        table(tmp_path),
        target_columns=["word,at"],
        companion_columns=["name,from"],
        keep_columns=["name"],
    )
    assert [p.targets for p in found] == [(Target("her", 15, 18),), (Target("him", 16, 19),)]
    assert found[1].companions == (Target("name", 0, 3),)
    assert found[1].columns == (("name", "Ann"),)

import gzip
import io
import json
import os
import sys
import threading

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odograph.corpus import read_passages, sources
from odograph.corpus.sources import decode, open_file
from odograph.errors import TextError, UsageError


def write(folder, name, content):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return str(path)


def texts(reading):
    return [passage.text for passage in reading.passages]


def ids(reading):
    return [passage.id for passage in reading.passages]


lines = st.text(st.characters(exclude_characters="\n\r\0", exclude_categories=["Cs"]))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.lists(lines).filter(lambda ls: any(line.strip() for line in ls)))
def test_lines_come_back_as_they_stand_without_the_blank_ones(tmp_path, written):
    # A mark at the very start of a file is the byte order mark.
    written = [line.replace("\ufeff", "") for line in written] + ["end"]
    path = write(tmp_path, "a.txt", "\n".join(written))
    kept = [(n, line) for n, line in enumerate(written, start=1) if line.strip()]
    reading = read_passages([path])
    assert texts(reading) == [line for _, line in kept]
    assert ids(reading) == [f"a.txt:{n}" for n, _ in kept]


def test_every_line_ending_and_the_byte_order_mark_are_left_out(tmp_path):
    path = write(tmp_path, "a.txt", b"\xef\xbb\xbf one \r\ntwo\rthree\x0bfour\n\n")
    assert texts(read_passages([path])) == [" one ", "two", "three\x0bfour"]


def test_a_whole_file_is_one_passage_without_its_last_line_ending(tmp_path):
    path = write(tmp_path, "a.txt", "one\r\n\r\ntwo\r\n")
    reading = read_passages([path], whole=True)
    assert texts(reading) == ["one\n\ntwo"]
    assert ids(reading) == ["a.txt"]


def test_ids_are_unique_across_sources(tmp_path):
    path = write(tmp_path, "a.txt", "one\n")
    taken = write(tmp_path, "b.jsonl", '{"text": "x", "id": "a.txt:1#2"}\n')
    assert ids(read_passages([taken, path, path, path])) == [
        "a.txt:1#2",
        "a.txt:1",
        "a.txt:1#3",
        "a.txt:1#4",
    ]


def test_standard_input_is_read_as_lines(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"one\ntwo\n")))
    assert ids(read_passages(["-"])) == ["stdin:1", "stdin:2"]


def test_bad_json_lines_are_skipped_and_named(tmp_path):
    rows = ['{"text": "one", "id": 7}', '"two"', "{", '{"body": 1}', '{"text": 3}', "[]", '" "']
    path = write(tmp_path, "a.jsonl", "\n".join(rows) + '\n"\\ud800"\n')
    reading = read_passages([path])
    assert texts(reading) == ["one", "two"]
    assert ids(reading) == ["7", "a.jsonl:2"]
    assert [skipped.place for skipped in reading.skipped] == [
        f"a.jsonl, line {n}" for n in (3, 4, 5, 6, 7, 8)
    ]
    assert [skipped.reason for skipped in reading.skipped[1:5]] == [
        "no column 'text': got 'body'. Name the one that holds the text (--text-column).",
        "column 'text': expected a string, got the int 3. Only strings can be read.",
        "not a passage: expected a JSON object or string, got a list."
        ' Each line is an object such as {"text": "..."}, or a string.',
        "the text is blank. Fill it in.",
    ]
    assert "half of a surrogate pair at character 0" in reading.skipped[5].reason


def test_a_byte_order_mark_within_a_file_is_named(tmp_path):
    """As in files with marks that were put together."""
    file = tmp_path / "a.jsonl"
    file.write_text('\ufeff{"text": "one"}\n\ufeff{"text": "two"}\n', "utf-8")
    found = read_passages([str(file)])
    assert [passage.text for passage in found.passages] == ["one"]
    assert [each.place for each in found.skipped] == ["a.jsonl, line 2"]
    assert found.skipped[0].reason.startswith("malformed JSON: got a byte order mark before it.")


def test_strict_makes_a_bad_passage_an_error(tmp_path):
    path = write(tmp_path, "a.jsonl", '"one"\n{\n')
    with pytest.raises(TextError, match=r"^a\.jsonl, line 2: malformed JSON: got "):
        read_passages([path], strict=True)


def test_separated_values_are_read_by_their_header(tmp_path):
    path = write(tmp_path, "a.csv", 'id,text\nx,"one, ""1""\nand more"\n,two\n')
    reading = read_passages([path])
    assert texts(reading) == ['one, "1"\nand more', "two"]
    assert ids(reading) == ["x", "a.csv:4"]


def test_the_only_column_needs_no_name(tmp_path):
    path = write(tmp_path, "a.csv", "sentence\none\n")
    assert texts(read_passages([path])) == ["one"]


def test_a_row_of_another_width_is_skipped(tmp_path):
    path = write(tmp_path, "a.csv", "id,text\nx,one\ny,two,three\n")
    (skipped,) = read_passages([path]).skipped
    assert (skipped.place, skipped.reason) == (
        "a.csv, line 3",
        "not as many columns as the header: expected 2, got 3."
        " Put quotes around a text that holds the separator.",
    )


def test_tabs_with_and_without_quoting_are_both_read(tmp_path):
    quoted = write(tmp_path, "a.tsv", 'id\ttext\nx\t"a\tb"\n')
    bare = write(tmp_path, "b.tsv", 'id\ttext\nx\t"Yes," she said\ny\t"No\n')
    assert texts(read_passages([quoted])) == ["a\tb"]
    assert texts(read_passages([bare])) == ['"Yes," she said', '"No']


def test_parquet_is_read_by_column_and_a_null_is_skipped(tmp_path):
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    path = tmp_path / "a.parquet"
    parquet.write_table(pyarrow.table({"body": ["one", None, "two"], "n": [1, 2, 3]}), path)
    reading = read_passages([str(path)], text_column="body")
    assert ids(reading) == ["a.parquet:1", "a.parquet:3"]
    assert [(s.place, s.reason) for s in reading.skipped] == [
        (
            "a.parquet, row 2",
            "column 'body': expected a string, got null. Only strings can be read.",
        )
    ]


def test_a_long_field_is_no_error(tmp_path):
    long = "word " * 50_000
    path = write(tmp_path, "a.csv", f"text\n{long}\n")
    assert texts(read_passages([path])) == [long]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.txt", b"", "a.txt is empty. Give a file that holds text."),
        ("a.txt", b" \n\t\n", "a.txt holds blank lines only. Give a file that holds text."),
        ("a.csv", b"\n\n", "a.csv holds blank lines only. Give a file with text."),
        (
            "a.txt",
            b"ab\0c",
            "a.txt is no text file: expected UTF-8 text, got a NUL byte at byte 2."
            " UTF-16 text becomes UTF-8 with: iconv -f utf-16 -t utf-8.",
        ),
        (
            "a.txt",
            "one\ntwo\ncafé\n".encode("latin1"),
            "a.txt, line 3: another encoding: expected UTF-8, got byte 0xe9 at byte 11."
            " If it is Latin-1: iconv -f latin1 -t utf-8 a.txt.",
        ),
        (
            "a.csv",
            b"id,body\nx,one\n",
            "a.csv: no column 'text': got 'id', 'body'."
            " Name the one that holds the text (--text-column).",
        ),
        (
            "a.jsonl",
            b'{"body": "x"}\n{"body": "y"}\n',
            "a.jsonl: none of its 2 passages can be used: got a.jsonl, line 1: no column 'text':"
            " got 'body'. Name the one that holds the text (--text-column).",
        ),
    ],
)
def test_bad_files_give_one_message_with_place_and_remedy(tmp_path, name, content, message):
    with pytest.raises(TextError) as caught:
        read_passages([write(tmp_path, name, content)])
    assert str(caught.value) == message


def test_a_broken_parquet_file_is_named(tmp_path):
    with pytest.raises(TextError, match=r"^a\.parquet is no Parquet file that can be read: got "):
        read_passages([write(tmp_path, "a.parquet", b"PAR1 and nothing else")])


def test_paths_that_are_no_text_files_are_refused_by_name(tmp_path):
    missing = tmp_path / "no.txt"
    with pytest.raises(TextError) as caught:
        read_passages([str(missing)])
    assert str(caught.value) == (
        f"{missing}: no such file. Check the path, or name a text such as bundled:her."
    )
    with pytest.raises(TextError) as caught:
        read_passages([str(tmp_path)])
    assert str(caught.value) == f"{tmp_path} is a folder. Name the files inside it."
    path = write(tmp_path, "a.docx", "x")
    with pytest.raises(TextError) as caught:
        read_passages([path])
    assert str(caught.value) == (
        f"{path}: the kind of the file is not known by its ending: expected one of .txt, .jsonl,"
        " .json, .csv, .tsv, .parquet, .conllu, each also with .gz, got '.docx'."
        " Rename it; plain text is .txt, one passage a line."
    )


def test_options_that_fit_no_source_are_refused(tmp_path):
    text, table = write(tmp_path, "a.txt", "x\n"), write(tmp_path, "a.csv", "text\nx\n")
    with pytest.raises(UsageError, match="a text column is for tables"):
        read_passages([text], text_column="body")
    with pytest.raises(UsageError, match="`whole` is for"):
        read_passages([table], whole=True)
    with pytest.raises(UsageError, match="no text was given"):
        read_passages([])
    with pytest.raises(UsageError, match="given twice"):
        read_passages(["-", "-"])
    with pytest.raises(UsageError, match="a list of files"):
        read_passages(text)


def test_the_fingerprint_follows_ids_and_texts(tmp_path):
    one = write(tmp_path, "a.jsonl", json.dumps({"id": "x", "text": "one"}))
    two = write(tmp_path, "b.jsonl", json.dumps({"id": "x", "text": "one", "more": 1}))
    other = write(tmp_path, "c.jsonl", json.dumps({"id": "y", "text": "one"}))
    marks = [read_passages([path]).fingerprint for path in (one, two, other)]
    assert marks[0] == marks[1] != marks[2]
    assert len(marks[0]) == 64


@pytest.mark.parametrize("block", [64, 65, 70, 1000])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_a_file_read_in_blocks_has_the_lines_of_the_whole(block, ending, tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "_BLOCK", block)
    written = ["", "\N{SNOWMAN}" * 40, "a\x85b", " ", "x" * 150, *map(str, range(40))]
    for mark, encoding in (("", "utf-8"), ("\ufeff", "utf-8"), ("\ufeff", "utf-16-le")):
        path = write(tmp_path, "a.txt", (mark + ending.join(written)).encode(encoding))
        reading = read_passages([path])
        assert texts(reading) == [line for line in written if line.strip()]
        assert ids(reading)[-1] == f"a.txt:{len(written)}"


def test_what_is_wrong_far_down_in_a_file_is_named_with_its_line_and_byte(tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "_BLOCK", 50)
    good = b"a line\r\n" * 100
    with pytest.raises(TextError, match=r"a.txt, line 101: another .* byte 0xff at byte 802"):
        read_passages([write(tmp_path, "a.txt", good + b"ab\xff\n" + good)])
    with pytest.raises(TextError, match="a NUL byte at byte 801"):
        read_passages([write(tmp_path, "b.txt", good + b"a\0\n" + good)])


@pytest.mark.parametrize("packed", [False, True])
def test_a_pipe_is_read_once_and_whole(tmp_path, packed):
    text = "cat and dog\n" * 2000
    pipe = tmp_path / ("words.txt.gz" if packed else "words.txt")
    os.mkfifo(pipe)
    written = gzip.compress(text.encode()) if packed else text.encode()
    threading.Thread(target=pipe.write_bytes, args=[written], daemon=True).start()
    assert decode(open_file(str(pipe))) == text

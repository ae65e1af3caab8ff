"""Tables as people have them: other separators, no header, columns twice, other encodings."""

import codecs
import gzip
import io
import json
import zipfile
from pathlib import Path

import pytest

from odograph.corpus import read_passages
from odograph.errors import TextError, UsageError

CASES = Path(__file__).parents[2].parent / "shared" / "cases"


def case(name):
    """A case of the shared folder, or a skip that says it is absent."""
    if not (CASES / name).exists():
        pytest.skip(f"the shared case {name} is absent")
    return str(CASES / name)


def write(folder, name, content):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return str(path)


def texts(reading):
    return [passage.text for passage in reading.passages]


def refused(path, **options):
    with pytest.raises(TextError) as caught:
        read_passages([path], **options)
    return str(caught.value).removeprefix(f"{path}: ")


@pytest.mark.parametrize(
    ("separator", "name"),
    [(",", "commas"), (";", "semicolons"), ("\t", "tabs"), ("|", "bars")],
)
@pytest.mark.parametrize("ending", ["csv", "tsv"])
def test_the_separator_is_found_and_told(tmp_path, separator, name, ending):
    rows = ["id{}text", '1{}The porter; she | he, "quoted" and so on', '2{}"A{}B"', "3{}plain"]
    rows[1] = rows[1].replace(separator, ":")
    content = "\r\n".join(row.replace("{}", separator) for row in rows)
    reading = read_passages([write(tmp_path, f"a.{ending}", content)])
    assert texts(reading)[1:] == [f"A{separator}B", "plain"]
    assert texts(reading)[0].startswith("The porter")
    usual = {"csv": ",", "tsv": "\t"}[ending] == separator
    told = f"a.{ending}: columns separated by {name}; the text is column 'text' of 2"
    assert reading.notes == (() if usual else (told,))


def test_the_column_asked_for_decides_between_separators(tmp_path):
    path = write(tmp_path, "a.csv", "n,m;body\n1,2;one\n3,4;two\n")
    assert texts(read_passages([path], text_column="body")) == ["one", "two"]


def test_a_separator_that_cannot_be_told_is_refused(tmp_path):
    path = write(tmp_path, "a.csv", "a;b|c\n1;2|3\n")
    assert refused(path) == (
        "a.csv: what separates its columns cannot be told: expected one of commas, semicolons,"
        " tabs, bars, got semicolons and bars that divide its rows alike."
        " Name the column of the text (--text-column), or quote what is text."
    )
    assert texts(read_passages([path], text_column="b|c")) == ["2|3"]


@pytest.mark.parametrize("separator", [":", "^", "~", "/", "&&"])
def test_columns_that_something_else_separates_are_refused(tmp_path, separator):
    path = write(tmp_path, "a.csv", f"id{separator}text\n1{separator}one\n")
    message = refused(path)
    assert message.startswith("a.csv: its first line looks like a text, or like columns that")
    assert f"got 'id{separator}text'" in message


def test_a_spreadsheet_names_its_separator_in_the_first_line(tmp_path):
    path = write(tmp_path, "a.csv", "sep=^\r\nid^text\r\n1^one\r\n\r\n^two\r\n")
    reading = read_passages([path])
    assert texts(reading) == ["one", "two"]
    assert [passage.id for passage in reading.passages] == ["1", "a.csv:5"]


def test_a_space_behind_each_separator_is_no_part_of_the_cells(tmp_path):
    path = write(tmp_path, "a.csv", 'id, text\n1, "one, or two"\n2, three\n')
    assert texts(read_passages([path])) == ["one, or two", "three"]


def test_line_breaks_in_quotes_are_of_the_text_for_every_separator(tmp_path):
    for separator in ",;\t|":
        content = f'id{separator}text\n1{separator}"one\ntwo\n\nthree"\n2{separator}"a ""b"""\n'
        reading = read_passages([write(tmp_path, "a.csv", content)])
        assert texts(reading) == ["one\ntwo\n\nthree", 'a "b"']


@pytest.mark.parametrize(
    "first",
    [
        "The keeper of the tower greeted her warmly.",
        "Nobody told her, or him, about it.",
        "她每天早上喝咖啡",
        "Stop!",
    ],
)
def test_a_text_is_never_taken_for_a_header(tmp_path, first):
    path = write(tmp_path, "a.csv", f"{first}\nA second text.\n")
    refused(path)
    quoted_path = write(tmp_path, "b.csv", f'"{first}"\n"A second text."\n')
    assert "--no-header" in refused(quoted_path)
    assert texts(read_passages([quoted_path], header=False)) == [first, "A second text."]


def test_a_row_is_never_taken_for_the_names_of_columns(tmp_path):
    path = write(tmp_path, "a.csv", "1,Nobody told her about it.\n2,A second text.\n")
    message = refused(path)
    assert "its first line looks like a text: expected a header" in message
    assert "got '1', 'Nobody told her about it.'. Without a header: --no-header" in message
    assert texts(read_passages([path], header=False, text_column="2"))[1] == "A second text."


def test_a_header_that_was_not_asked_for_is_told(tmp_path):
    path = write(tmp_path, "a.csv", "Good morning\nGood night\n")
    reading = read_passages([path])
    assert texts(reading) == ["Good night"]
    assert reading.notes == (
        "a.csv: the text is column 'Good morning' of 1; without a header: --no-header",
    )
    assert read_passages([path], text_column="Good morning").notes == ()
    assert texts(read_passages([path], header=False)) == ["Good morning", "Good night"]


def test_columns_without_a_header_are_numbered(tmp_path):
    path = write(tmp_path, "a.csv", "1,The first text\n2,The second text\n")
    assert texts(read_passages([path], header=False, text_column="2")) == [
        "The first text",
        "The second text",
    ]
    assert "no column 'text': got '1', '2'" in refused(path, header=False)
    with pytest.raises(UsageError, match="`no_header` is for tables"):
        read_passages([write(tmp_path, "a.txt", "x\n")], header=False)


def test_a_header_without_rows_is_said(tmp_path):
    path = write(tmp_path, "a.csv", "id,text\n")
    assert refused(path) == (
        "a.csv has a header and no row: got 'text'. If its first line is a text: --no-header."
    )


@pytest.mark.parametrize(
    ("header", "twice", "options"),
    [
        ("text,text", "text", {}),
        ("id,text,id", "id", {}),
        ("text,pos,pos", "pos", {"tag_column": "pos"}),
        ("text,book,book", "book", {"document_column": "book"}),
    ],
)
def test_a_column_that_is_there_twice_is_refused_by_name(tmp_path, header, twice, options):
    path = write(tmp_path, "a.csv", f"{header}\n{','.join('xyz'[: header.count(',') + 1])}\n")
    assert refused(path, **options) == (
        f"a.csv: two columns are called '{twice}': expected each name once."
        " Rename one of them, or leave it out."
    )


def test_columns_that_nobody_reads_may_be_there_twice(tmp_path):
    path = write(tmp_path, "a.csv", "text,,\none,,\n")
    assert texts(read_passages([path])) == ["one"]


def test_a_key_that_is_there_twice_is_refused(tmp_path):
    path = write(tmp_path, "a.jsonl", '{"text": "one", "text": "two"}\n{"text": "three"}\n')
    reading = read_passages([path])
    assert texts(reading) == ["three"]
    assert reading.skipped[0].reason.startswith("two columns are called 'text'")
    assert "two columns are called 'text'" in refused(
        write(tmp_path, "a.json", '[{"text": "one", "text": "two"}]')
    )


def test_two_columns_of_a_parquet_file_are_refused(tmp_path):
    import pyarrow
    from pyarrow import parquet

    path = tmp_path / "a.parquet"
    table = pyarrow.table([["one"], ["two"]], names=["text", "text"])
    parquet.write_table(table, path)
    assert refused(str(path)).startswith("a.parquet: two columns are called 'text'")


def test_json_is_read_as_a_list_or_as_lines(tmp_path):
    rows = [{"text": "one", "id": "x"}, "two", {"body": 1}]
    reading = read_passages([write(tmp_path, "a.json", json.dumps(rows, indent=1))])
    assert [(p.id, p.text) for p in reading.passages] == [("x", "one"), ("a.json:2", "two")]
    assert [skipped.place for skipped in reading.skipped] == ["a.json, entry 3"]
    lines = "\n".join(map(json.dumps, rows))
    assert texts(read_passages([write(tmp_path, "b.json", lines)])) == ["one", "two"]
    assert "no column 'text': got 'data'" in refused(write(tmp_path, "c.json", '{"data": []}'))


def test_files_compressed_with_gzip_are_read_as_what_they_are(tmp_path):
    for name, content in {"a.txt.gz": "one\ntwo\n", "a.csv.gz": "text\none\ntwo\n"}.items():
        path = write(tmp_path, name, gzip.compress(content.encode()))
        assert texts(read_passages([path])) == ["one", "two"]
    broken = write(tmp_path, "b.txt.gz", gzip.compress(b"one\n" * 100)[:-9])
    assert "is not compressed with gzip, or damaged" in refused(broken)
    assert "is not compressed with gzip, or damaged" in refused(write(tmp_path, "c.txt.gz", "one"))
    assert "got '.doc.gz'" in refused(write(tmp_path, "c.doc.gz", gzip.compress(b"x")))


PACKED = gzip.compress(b"one", mtime=0)


def archive():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        file.writestr("a.txt", "one")
    return packed.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [
        ("a.txt", PACKED, "compressed with gzip. Give its name the ending .gz"),
        ("a.csv", archive(), "a ZIP archive, as .xlsx, .docx and .ods are. Export it"),
        ("a.jsonl", b"PAR1....PAR1", "a Parquet file. Give its name the ending .parquet."),
        ("a.txt", b"%PDF-1.7\n", "a PDF document. Export its text."),
        (
            "a.csv",
            b"version https://git-lfs.github.com/spec/v1\n",
            "a pointer of Git LFS: the file",
        ),
        ("a.parquet", b"version https://git-lfs.github.com/spec/v1\n", "a pointer of Git LFS"),
    ],
)
def test_a_file_of_another_kind_than_its_name_says_is_called_what_it_is(
    tmp_path, name, content, what
):
    assert refused(write(tmp_path, name, content)).startswith(f"{name} is {what}")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("name", ["a.txt", "a.csv", "a.jsonl", "a.conllu"])
def test_a_byte_order_mark_says_the_encoding(tmp_path, encoding, name):
    word = "naïve猫"
    content = {
        "a.txt": f"{word}\n",
        "a.csv": f"text\n{word}\n",
        "a.jsonl": json.dumps({"text": word}) + "\n",
        "a.conllu": f"# text = {word}\n1\t{word}" + "\t_" * 8 + "\n\n",
    }[name]
    marks = {"utf-16-le": codecs.BOM_UTF16_LE, "utf-16-be": codecs.BOM_UTF16_BE}
    data = marks.get(encoding, b"") + content.encode(encoding)
    assert texts(read_passages([write(tmp_path, name, data)])) == [word]
    if encoding.startswith(("utf-16", "utf-32")):
        assert "is damaged: expected UTF-" in refused(write(tmp_path, name, data[:-1]))


def test_strings_of_one_look_are_told_apart_where_a_name_or_a_word_is_missing(tmp_path):
    path = write(tmp_path, "a.csv", "te\u0301xt,n\none,1\n")
    assert "got 'te\u0301xt' (U+0065 U+0301 for U+00E9)" in refused(path, text_column="téxt")
    rows = "# text = caf\u00e9 noir\n1\tcafe\u0301" + "\t_" * 8 + "\n\n"
    message = refused(write(tmp_path, "a.conllu", rows))
    assert "got 'cafe\u0301' (U+0065 U+0301 for U+00E9)" in message


def test_the_shared_tables_are_read_or_refused():
    reading = read_passages([case("semicolon.csv")])
    assert texts(reading)[0] == "The porter thanked her at the gate."
    assert len(reading.notes) == 1
    assert "--no-header" in refused(case("no-header.csv"))
    assert len(texts(read_passages([case("no-header.csv")], header=False))) == 4
    assert "two columns are called 'text'" in refused(case("two-text-columns.csv"))

"""Whatever stands in the JSON files and figures of a run folder: an error of ours, or no harm."""

import base64
import json
import shutil
import zlib
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from made_damage import VALUES, changed, paths, use, write

from odograph.errors import OdographError
from odograph.folder.manifest import read_manifest
from odograph.folder.results import read_findings, read_sections
from odograph.report.pictures import UnreadablePictureError, read_svg

FILES = ("manifest.json", "studies.json", "findings.json")
few, many = (
    settings(
        max_examples=examples,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    for examples in (15, 200)
)


def without_checksums(record: Any) -> Any:
    """Sections of an earlier release, of which nothing is verified."""
    for section in record.values():
        for key in ("files", "findings"):
            del section[key]
    return record


@pytest.fixture
def restored(whole: Path, edited: Path) -> Path:
    """The copy as it was, but for checksums of what studies left."""
    for name in FILES:
        shutil.copy(whole / name, edited / name)
    sections = json.loads((edited / "studies.json").read_text("utf-8"))
    write(edited, without_checksums(sections), "studies.json")
    return edited


def test_a_run_is_used_without_fault_before_anything_is_edited(
    restored: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    use(restored)
    assert "as text" not in capfd.readouterr().err


@pytest.mark.parametrize("name", FILES)
@few
@given(data=some.data())
def test_no_value_in_a_json_file_is_a_bug(
    name: str, data: Any, restored: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Every wrong value is refused by name, or does no harm."""
    original = (restored / name).read_bytes()
    record = json.loads(original)
    key = data.draw(some.sampled_from(sorted(paths(record))))
    try:
        write(restored, changed(record, key, data.draw(VALUES)), name)
        with suppress(OdographError):
            use(restored)
    finally:
        (restored / name).write_bytes(original)
    assert "this is a bug" not in capfd.readouterr().err


def edited_bytes(data: Any, whole: bytes) -> bytes:
    """A file cut short, with bytes replaced, or made of any bytes."""
    begin, end = sorted(data.draw(some.tuples(*[some.integers(0, len(whole))] * 2)))
    new = data.draw(some.binary(max_size=20) | some.sampled_from([b"[" * 5000, b"{", b"9" * 5000]))
    return data.draw(some.sampled_from([new, whole[:begin], whole[:begin] + new + whole[end:]]))


@pytest.mark.parametrize("name", FILES)
@many
@given(data=some.data())
def test_no_bytes_of_a_json_file_are_a_bug(
    name: str, data: Any, whole: Path, restored: Path
) -> None:
    (restored / name).write_bytes(edited_bytes(data, (whole / name).read_bytes()))
    with suppress(OdographError):
        read_manifest(restored)
    with suppress(OdographError):
        read_findings(restored, read_sections(restored))


@many
@given(data=some.data())
def test_no_bytes_of_a_figure_are_a_bug(
    data: Any, whole: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """It is an SVG that is packed as it is, or refused by name."""
    drawn = next(path for path in sorted((whole / "figures").glob("*.svg")))
    path = tmp_path_factory.getbasetemp() / "figure.svg"
    path.write_bytes(edited_bytes(data, drawn.read_bytes()))
    with suppress(UnreadablePictureError):
        assert b"svg" in zlib.decompress(base64.b64decode(read_svg(path).packed))


PIECES = some.sampled_from(
    [
        *("<svg>", "</svg>", "<g>", "</g>", "<!--", "-->", "<![CDATA[", "]]>", "<?xml?>", "&#0;"),
        *("<!DOCTYPE svg [", "]>", '<!ENTITY a "b">', "&a;", "<style>", "</style>", "\x00"),
        *('<image href="data:image/png;base64,', "iVBORw0KGgo", "AAAA====", '"/>', "\ud7ff"),
        *('<svg xmlns="http://www.w3.org/2000/svg">', "<script>", "url(", "@import"),
    ]
)


@many
@given(pieces=some.lists(PIECES, max_size=12))
def test_no_structure_of_a_figure_is_a_bug(
    pieces: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / "figure.svg"
    path.write_text("".join(pieces), encoding="utf-8")
    with suppress(UnreadablePictureError):
        read_svg(path)

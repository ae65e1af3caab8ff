"""The committed bundle is what the sources make; the sources write no markup."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

VIEWER = Path(__file__).parents[2] / "viewer"
BUILT = VIEWER.parent / "src" / "odograph" / "viewer"


def test_the_committed_bundle_is_what_the_sources_make(tmp_path: Path) -> None:
    if shutil.which("node") is None or not (VIEWER / "node_modules" / "esbuild").is_dir():
        pytest.skip("Node or viewer/node_modules (npm ci) is absent: the bundle is not built again")
    done = subprocess.run(
        ["node", "build.mjs", str(tmp_path)],
        cwd=VIEWER,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    for name in ("viewer.js", "viewer.css"):
        assert (tmp_path / name).read_bytes() == (BUILT / name).read_bytes(), (
            f"{name} is older than viewer/src: npm run build in viewer/"
        )


def test_the_sources_have_no_type_error() -> None:
    if not (VIEWER / "node_modules" / "typescript").is_dir():
        pytest.skip("viewer/node_modules (npm ci) is absent: types are not checked")
    done = subprocess.run(
        ["npm", "run", "--silent", "check"],
        cwd=VIEWER,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_no_source_makes_markup_of_a_text() -> None:
    sources = [*VIEWER.glob("src/**/*.ts"), *VIEWER.glob("src/**/*.tsx")]
    assert len(sources) > 10
    for source in sources:
        text = source.read_text(encoding="utf-8")
        assert not re.search(r"innerHTML|insertAdjacentHTML|document\.write|eval\(", text), source
        assert text.count("\n") <= 300, source


def test_the_lock_names_no_host_of_packages() -> None:
    lock = (VIEWER / "package-lock.json").read_text(encoding="utf-8")
    assert '"resolved"' not in lock

"""Builds sdist and wheel and tries both in fresh environments: `make release`.

Every Python from 3.11 to 3.14 that is at hand installs the wheel, this one the sdist too, each with
the versions of constraints.txt; then a model is checked and a sentence is measured.
"""

import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parent
LARGEST = 15_000_000
PYTHONS = ("python3.11", "python3.12", "python3.13", "python3.14")
TRIED = (
    "import odograph as og; assert og.check('bundled').passed;"
    "run = og.measure('bundled', ['The river ran on.'], out='run'); assert run.words().fetchall()"
)


def main() -> None:
    """Builds, checks sizes, tries."""
    wheel, sdist = built(ROOT / "dist")
    if wheel.stat().st_size > LARGEST:
        raise SystemExit(f"{wheel.name} has {wheel.stat().st_size:,} bytes, over {LARGEST:,}")
    for python in at_hand():
        tried(wheel, python)
    tried(sdist, sys.executable)


def at_hand() -> list[str]:
    """The Pythons that are here and can make an environment; a name alone may lead nowhere."""
    found = [place for name in PYTHONS if (place := shutil.which(name))]
    makes = [
        subprocess.run([place, "-c", "import ensurepip"], capture_output=True, check=False)
        for place in found
    ]
    return [place for place, done in zip(found, makes, strict=True) if done.returncode == 0]


def built(folder: Path) -> tuple[Path, Path]:
    """A new wheel and a new sdist in an empty folder."""
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-d", folder], cwd=ROOT, check=True)
    [wheel], [sdist] = folder.glob("*.whl"), folder.glob("*.tar.gz")
    return wheel, sdist


def tried(package: Path, python: str) -> None:
    """Installs a package into an environment of its own, and uses it."""
    with TemporaryDirectory() as scratch:
        subprocess.run([python, "-m", "venv", f"{scratch}/venv"], check=True)
        own = f"{scratch}/venv/bin/python"
        install = [own, "-m", "pip", "install", "-q", "-c", ROOT / "constraints.txt"]
        for what in ("torch", package):
            subprocess.run([*install, what], check=True)
        subprocess.run([own, "-c", TRIED], cwd=scratch, check=True)
        print(f"{package.name}: installed and used with {python}")


if __name__ == "__main__":
    main()

"""Freed memory stays with a process of odograph's own, and with no other."""

import os
import platform
import subprocess
import sys

import pytest

glibc = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="the C library is not glibc")

# 40 MB written, freed, and taken again: pages that come anew are counted as faults. At first small
# things find their places in what was freed.
FAULTS = """
import resource
import statistics
import torch
{first}
def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt
found = []
for _ in range(30):
    before = faults()
    torch.ones(10_000_000)
    found.append(faults() - before)
print(statistics.median_low(found[-9:]))
"""


def faults(first: str, **settings: str) -> int:
    plain = {k: v for k, v in os.environ.items() if not k.startswith("MALLOC_")}
    done = subprocess.run(
        [sys.executable, "-c", FAULTS.format(first=first)],
        env=plain | settings,
        capture_output=True,
        text=True,
        check=True,
    )
    return int(done.stdout)


KEEPING = "from odograph.run.allocator import keep_freed_memory as keep; assert keep() is {}"


@glibc
def test_freed_memory_is_there_at_once() -> None:
    assert faults("") > 5000, "the check itself: left alone, every page comes anew"
    assert faults(KEEPING.format(True)) < 500


@glibc
def test_what_the_user_has_set_holds() -> None:
    assert faults(KEEPING.format(False), MALLOC_MMAP_THRESHOLD_="65536") > 5000


def test_another_c_library_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    from odograph.run.allocator import keep_freed_memory

    monkeypatch.setattr(platform, "libc_ver", lambda: ("", ""))
    assert not keep_freed_memory()


def test_importing_odograph_leaves_the_allocator_alone() -> None:
    """What holds for the whole process of a user is the user's to set."""
    if platform.libc_ver()[0] == "glibc":
        assert faults("import odograph; odograph.measure") > 5000

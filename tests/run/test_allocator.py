"""Freed memory stays with a process of odograph's own, and with no other."""

import os
import platform
import subprocess
import sys

import pytest

glibc = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="the C library is not glibc")

# Megabytes that the process still has of the 120 that a block wrote and freed.
LEFT = """
import torch
{first}
def resident():
    fields = open("/proc/self/status").read().split("VmRSS:")[1].split()
    return int(fields[0]) // 1024
torch.ones(1000)
before = resident()
block = [torch.ones(5_000_000) for _ in range(6)]
assert resident() - before > 100
del block
print(resident() - before)
"""
KEEPING = "from odograph.run.allocator import keep_freed_memory as keep; assert keep() is {}"


def left(first: str, **settings: str) -> int:
    taken_away = ("MALLOC_", "GLIBC_TUNABLES")
    plain = {k: v for k, v in os.environ.items() if not k.startswith(taken_away)}
    done = subprocess.run(
        [sys.executable, "-c", LEFT.format(first=first)],
        env=plain | settings,
        capture_output=True,
        text=True,
        check=True,
    )
    return int(done.stdout)


@glibc
def test_freed_memory_is_there_at_once() -> None:
    assert left("") < 20, "the check itself: left alone, all is given back"
    assert left(KEEPING.format(True)) > 100


@glibc
@pytest.mark.parametrize(
    ("name", "value"),
    [("MALLOC_MMAP_THRESHOLD_", "65536"), ("GLIBC_TUNABLES", "glibc.malloc.mmap_threshold=65536")],
)
def test_what_the_user_has_set_holds(name: str, value: str) -> None:
    assert left(KEEPING.format(False), **{name: value}) < 20


def test_another_c_library_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    from odograph.run.allocator import keep_freed_memory

    monkeypatch.setattr(platform, "libc_ver", lambda: ("", ""))
    assert not keep_freed_memory()


@glibc
def test_importing_odograph_leaves_the_allocator_alone() -> None:
    """What holds for the whole process of a user is the user's to set."""
    assert left("import odograph; odograph.measure") < 20

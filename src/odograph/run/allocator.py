"""Freed memory stays with the process, so that the next block finds it at once.

Left to itself, glibc may give the tensors of every block back to the system and get them again
empty, page by page: in some processes 4 % of a forward pass, in others nothing. What is set here
holds for a whole process, so it is set only in odograph's own: the command's and its workers'.
"""

import ctypes
import os
import platform

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # glibc's malloc.h
#: Bytes from which a tensor has pages of its own (the most that every glibc takes), and how many
#: bytes stay when they are free.
_LARGE, _KEPT = 32 * 2**20, 256 * 2**20


def keep_freed_memory() -> bool:
    """Has freed memory kept; says whether that could be done.

    Nothing happens with another C library than glibc, and where the user has set `MALLOC_...` or
    tunables of malloc.
    """
    set_by_user = any(name.startswith("MALLOC_") for name in os.environ)
    set_by_user |= "glibc.malloc" in os.environ.get("GLIBC_TUNABLES", "")
    if set_by_user or platform.libc_ver()[0] != "glibc":
        return False
    libc = ctypes.CDLL(None)
    return bool(libc.mallopt(_MMAP_THRESHOLD, _LARGE) and libc.mallopt(_TRIM_THRESHOLD, _KEPT))

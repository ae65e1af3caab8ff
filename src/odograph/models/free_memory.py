"""How much memory can still be had on a device."""

from pathlib import Path

import psutil
import torch

_CGROUP = Path("/sys/fs/cgroup")


def free_bytes(device: str) -> int | None:
    """Memory that can still be had there; None where nobody says."""
    kind = device.partition(":")[0]
    if kind == "cuda":
        free, _ = torch.cuda.mem_get_info(device)
        # What torch holds without using it can be had, too.
        unused = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
        return int(free + unused)
    if kind == "mps":
        return int(torch.mps.recommended_max_memory() - torch.mps.driver_allocated_memory())
    if kind != "cpu":
        return None
    available = int(psutil.virtual_memory().available)
    limit = _cgroup_left()
    return available if limit is None else min(available, limit)


def _cgroup_left() -> int | None:
    """What a container may still take (Linux, version 2); None without a limit.

    Files that the kernel has read count as taken there, but are let go as soon as memory is needed.
    """
    try:
        most = (_CGROUP / "memory.max").read_text().strip()
        used = int((_CGROUP / "memory.current").read_text())
        lines = (_CGROUP / "memory.stat").read_text().splitlines()
    except (OSError, ValueError):
        return None
    said = dict(line.split(maxsplit=1) for line in lines)
    files = sum(int(said.get(name, 0)) for name in ("active_file", "inactive_file"))
    return None if most == "max" else max(0, int(most) - used + files)

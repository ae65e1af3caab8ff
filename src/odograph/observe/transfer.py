"""Values on their way from the device to the host, while the device goes on with the next batch."""

import torch


class Transfer:
    """A tensor that is being copied to the host.

    From a GPU it goes into pinned memory, and nobody waits before `get`; elsewhere it is there at
    once.
    """

    def __init__(self, values: torch.Tensor) -> None:
        self._arrived: torch.cuda.Event | None = None
        if not values.is_cuda:
            self._host = values.cpu()
            return
        self._host = torch.empty(values.shape, dtype=values.dtype, pin_memory=True)
        with torch.cuda.device(values.device):
            self._host.copy_(values, non_blocking=True)
            self._arrived = torch.cuda.Event()  # type: ignore[no-untyped-call]
            self._arrived.record()

    def get(self) -> torch.Tensor:
        """The values, on the CPU; waits for them if need be."""
        if self._arrived is not None:
            self._arrived.synchronize()
            self._arrived = None
        return self._host

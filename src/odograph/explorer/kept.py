"""Arrays that are kept for the next question, up to some size."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import RLock
from typing import Any, TypeVar

from numpy.typing import NDArray

#: Bytes of arrays that are kept; those used last stay.
MOST_BYTES = 2**30

A = TypeVar("A", bound=NDArray[Any])


class Kept:
    """Gives an array again that it gave before, and lets those go that were used least lately."""

    def __init__(self) -> None:
        self.lock = RLock()
        self._arrays: OrderedDict[Hashable, Any] = OrderedDict()
        self._bytes = 0

    def __contains__(self, key: Hashable) -> bool:
        with self.lock:
            return key in self._arrays

    def get(self, key: Hashable, make: Callable[[], A]) -> A:
        """The array of this key; made now if it is not there."""
        with self.lock:
            if key in self._arrays:
                self._arrays.move_to_end(key)
            else:
                self._add(key, make())
            found: A = self._arrays[key]
            return found

    def add(self, key: Hashable, array: NDArray[Any]) -> None:
        """Keeps an array that was not there."""
        with self.lock:
            self._add(key, array)

    def _add(self, key: Hashable, array: NDArray[Any]) -> None:
        self._arrays[key] = array
        self._bytes += array.nbytes
        while len(self._arrays) > 1 and self._bytes > MOST_BYTES:
            _, oldest = self._arrays.popitem(last=False)
            self._bytes -= oldest.nbytes

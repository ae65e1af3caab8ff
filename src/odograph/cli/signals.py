"""Being asked to end: SIGTERM of a scheduler, SIGHUP of a lost terminal end a command as Ctrl-C."""

import signal
from types import FrameType

#: Windows has no SIGHUP, and ends a process without a signal.
_NAMES = ("SIGTERM", "SIGHUP")
_heard: list[str] = []


class AskedToEndError(KeyboardInterrupt):
    """A signal asked the process to end."""


def heard() -> str:
    """The signal that asked this process to end; "" for none."""
    return _heard[0] if _heard else ""


def hear_signals() -> None:
    """From now on these signals raise `AskedToEndError`, but for what is ignored (nohup)."""
    for name in _NAMES:
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) == signal.SIG_DFL:
            signal.signal(number, _ask)


def _ask(number: int, _: FrameType | None) -> None:
    """Ends what goes on; asked again, it goes on ending."""
    for name in _NAMES:
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    _heard.append(signal.Signals(number).name)
    raise AskedToEndError

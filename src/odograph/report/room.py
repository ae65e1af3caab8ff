"""How much a page may hold, and what is left of it."""

#: The page with texts, tokens and code, before figures and tables; and all in all, in bytes.
PAGE, WHOLE = 3_000_000, 8_000_000


class Room:
    """Bytes that are left; what does not fit is not taken."""

    def __init__(self, size: int) -> None:
        self.left = size

    def takes(self, size: int) -> bool:
        """Whether so many bytes fit; if they do, they are taken."""
        fits = size <= self.left
        self.left -= size if fits else 0
        return fits

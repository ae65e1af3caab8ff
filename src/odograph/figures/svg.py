"""What is done to an SVG after matplotlib wrote it: colours of the page, own ids, the card.

A picture must work alone (light and dark), and next to others inside one HTML page.
"""

import re
from collections.abc import Mapping
from html import escape

INK = "#010203"
"""Stands for "the colour of text on this page" while matplotlib draws."""

FONTS = (
    "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, "
    "'DejaVu Sans', 'Noto Sans', sans-serif"
)

# `svg:root` matches only where the SVG is the document: inside a page the page's colour holds.
_ALONE = (
    "svg:root{color:#1b1b1f;color-scheme:light dark}"
    "@media (prefers-color-scheme:dark){svg:root{color:#e4e4e7}}"
)


def identifier(name: str) -> str:
    """The name as an id: letters, digits, hyphen and underscore, starting with a letter."""
    return "f-" + re.sub(r"[^A-Za-z0-9_-]", "-", name)


def scoped(svg: str, prefix: str) -> str:
    """The SVG with `prefix-` before every id and every reference to one.

    >>> scoped('<g id="a"/><use href="#a" style="fill: url(#a)"/>', "p")
    '<g id="p-a"/><use href="#p-a" style="fill: url(#p-a)"/>'
    """
    svg = re.sub(r'(?<=[\s])id="([^"]*)"', rf'id="{prefix}-\1"', svg)
    svg = re.sub(r'href="#([^"]*)"', rf'href="#{prefix}-\1"', svg)
    return re.sub(r"url\(#([^)]*)\)", rf"url(#{prefix}-\1)", svg)


def resized(svg: str, scale: float) -> str:
    """The picture shown so many times as large; what it is made of stays.

    >>> resized('<svg width="90pt" height="40pt" viewBox="0 0 90 40">', 0.5)
    '<svg width="45pt" height="20pt" viewBox="0 0 90 40">'
    """

    def smaller(size: re.Match[str]) -> str:
        return f'{size[1]}="{float(size[2]) * scale:.6g}pt"'

    head, tag, rest = svg.partition("viewBox")
    return re.sub(r'\b(width|height)="([0-9.]+)pt"', smaller, head) + tag + rest


def finished(svg: str, *, name: str, title: str, card: Mapping[str, str]) -> str:
    """The SVG ready to be written.

    Text and axes in `currentColor`, ids of its own, title and card as `<title>` and `<desc>`,
    nothing that points outside the file but namespace names.
    """
    svg = re.sub(r"<!DOCTYPE.*?>\s*", "", svg, flags=re.S)
    svg = re.sub(r"\s*<metadata>.*?</metadata>", "", svg, flags=re.S)
    svg = re.sub(r"\s*<defs>\s*<style type=\"text/css\">.*?</style>\s*</defs>", "", svg, flags=re.S)
    svg = scoped(svg.replace(INK, "currentColor"), identifier(name))
    # The fonts of this machine behind it are none of the reader's.
    others = r"(?:, '[^']*')*"  # of this machine, and none of the reader's
    svg = re.sub(rf"font-family: '[^\"]*?sans-serif{others}", f"font-family: {FONTS}", svg)
    ours = rf"((?:font|font-family): [^;\"]*?)'DejaVu Sans'{others}(?=[;\"])"
    svg = re.sub(ours, rf"\1{FONTS}", svg)
    return re.sub(r"<svg ([^>]*)>", lambda m: _opening(m[1], title, card), svg, count=1)


def _opening(attributes: str, title: str, card: Mapping[str, str]) -> str:
    lines = "\n".join(f"{label}: {text}" for label, text in card.items())
    return (
        f'<svg {attributes} role="img" style="stroke-linejoin:round;stroke-linecap:butt">\n'
        f" <title>{escape(title, quote=False)}</title>\n"
        f" <desc>{escape(lines, quote=False)}</desc>\n"
        f" <style>{_ALONE}</style>"
    )

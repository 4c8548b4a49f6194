"""Make the fonts of the PDF from those of the pages. Needs fonttools and brotli.

Typst reads no WOFF2 and wants one file a weight. Each file also gets a box (U+25A1), which stands
for a character that it does not have. Public Sans is under the OFL, and so is what is made here.
"""

from io import BytesIO
from pathlib import Path

from fontTools.merge import Merger
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

PACKAGE = Path(__file__).resolve().parents[1] / "screener"
WEIGHTS = {"Regular": 400, "Bold": 700}
BOX = 0x25A1


def weight(style: str) -> TTFont:
    """Return one weight with the letters of both files."""
    parts = []
    for letters in ("latin", "latin-ext"):
        font = TTFont(PACKAGE / "static" / "fonts" / f"public-sans-{letters}.woff2")
        font.flavor = None
        part = BytesIO()
        instancer.instantiateVariableFont(font, {"wght": WEIGHTS[style]}).save(part)
        part.seek(0)
        parts.append(part)
    merged = BytesIO()
    Merger().merge(parts).save(merged)
    made = TTFont(merged, recalcTimestamp=False)
    made["head"].created = made["head"].modified = font["head"].created
    _name(made, style)
    _box(made)
    return made


def _name(font: TTFont, style: str) -> None:
    names = font["name"]
    names.names = [name for name in names.names if name.nameID in (0, 5, 13, 14)]
    full = {1: "Public Sans", 2: style, 4: f"Public Sans {style}", 6: f"PublicSans-{style}"}
    for number, text in full.items():
        names.setName(text, number, 3, 1, 0x409)
    bold = style == "Bold"
    font["OS/2"].usWeightClass = WEIGHTS[style]
    font["OS/2"].fsSelection = (font["OS/2"].fsSelection & ~0b1100001) | (0x20 if bold else 0x40)
    font["head"].macStyle = int(bold)


def _box(font: TTFont) -> None:
    unit = font["head"].unitsPerEm / 1000
    pen = TTGlyphPen(None)
    for low, high, inward in ((0, 640, False), (60, 580, True)):
        corners = [(60 + low, low), (60 + low, high), (60 + high, high), (60 + high, low)]
        points = [(round(x * unit), round(y * unit)) for x, y in corners]
        if inward:
            points.reverse()
        pen.moveTo(points[0])
        for point in points[1:]:
            pen.lineTo(point)
        pen.closePath()
    font.setGlyphOrder([*font.getGlyphOrder(), "box"])
    font["glyf"]["box"] = pen.glyph()
    font["hmtx"]["box"] = (round(760 * unit), round(60 * unit))
    for table in font["cmap"].tables:
        if table.isUnicode():
            table.cmap[BOX] = "box"


if __name__ == "__main__":
    for style in WEIGHTS:
        weight(style).save(PACKAGE / "pdf" / "fonts" / f"PublicSans-{style}.ttf")

"""Words below the pictures of a sheet."""

from PIL import ImageFont

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


def label_font(size: int) -> Font:
    """`size` px high. DejaVu Sans where the system has it: Pillow's own lacks the accents of Cézanne and Doré."""
    try:
        return ImageFont.truetype("DejaVuSans.ttf", size)
    except OSError:
        return ImageFont.load_default(size)


def fitting(text: str, font: Font, width: int) -> str:
    """The text where it is at most `width` px wide, else its beginning and an ellipsis."""
    if font.getlength(text) <= width:
        return text
    while text and font.getlength(text + "…") > width:
        text = text[:-1]
    return text.rstrip(" ,") + "…"

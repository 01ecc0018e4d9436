"""Which figure stands for a notebook, and its thumbnail."""

import base64
import io

import pytest
from PIL import Image

from mlsd_kit.curriculum.run.figures import key_figure, thumbnail


def png(colour, size=(1200, 400), mode="RGB"):
    out = io.BytesIO()
    Image.new(mode, size, colour).save(out, "PNG")
    return out.getvalue()


def cell(source, *pngs, tags=()):
    outputs = [{"data": {"image/png": base64.b64encode(each).decode()}} for each in pngs]
    return {"metadata": {"tags": list(tags)}, "source": [source], "outputs": outputs}


RED, BLUE = png("red"), png("blue")


@pytest.mark.parametrize(
    ("source", "caption"),
    [
        ('plot(x, title="Late is worse")', "Late is worse"),
        ("title = 'one of two'\nax.set(title=title)", "one of two"),
        ('plot(title=f"{n} of them")', ""),
        ("plot(x)", ""),
        ('subtitle="no"', ""),
        ("plot(title=\"Rows help\")\nax.legend(title='seeds')", "Rows help"),
    ],
)
def test_the_caption_is_the_title_if_that_is_plain_text(source, caption):
    assert key_figure({"cells": [cell(source, RED)]}).caption == caption


def test_the_tagged_figure_stands_for_the_notebook_else_the_last():
    first, second = cell("1", RED), cell("2", BLUE)
    text = {"cell_type": "markdown", "metadata": {}, "source": []}
    assert key_figure({"cells": [first, text, second, text]}).png == BLUE
    first["metadata"]["tags"] = ["key-figure"]
    assert key_figure({"cells": [first, second]}).png == RED
    assert key_figure({"cells": [text]}) is None


def test_a_tag_on_a_cell_without_a_figure_chooses_nothing():
    assert key_figure({"cells": [cell("1", tags=["key-figure"]), cell("2", BLUE)]}).png == BLUE


def test_a_thumbnail_keeps_the_shape_and_is_the_same_each_time():
    small, width, height = thumbnail(RED, 300, 300)
    assert (width, height) == (300, 100)
    assert Image.open(io.BytesIO(small)).size == (300, 100)
    assert thumbnail(RED, 300, 300)[0] == small
    assert thumbnail(RED, 5000, 5000)[1:] == (1200, 400)  # never enlarged


def test_what_is_transparent_becomes_white():
    small, *_ = thumbnail(png((0, 0, 0, 0), mode="RGBA"))
    assert min(Image.open(io.BytesIO(small)).convert("RGB").getpixel((5, 5))) > 250


def test_a_picture_that_is_none_is_an_error_of_its_own():
    with pytest.raises(OSError, match="identify"):
        thumbnail(b"no picture")

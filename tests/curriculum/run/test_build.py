"""``mlsd build``: same sources, same bytes; the pair agrees."""

import base64
import codecs
import zlib

import nbformat
import pytest

from mlsd_kit.curriculum.run.build import disagreements
from mlsd_kit.curriculum.run.catalogue import catalogue
from mlsd_kit.curriculum.run.normalise import normalise, strip_png
from mlsd_kit.curriculum.run.preparing import job_of

BODY = """\
# %% [markdown]
# A figure, a clock, and an address.

# %%
import matplotlib.pyplot as plt
_, ax = plt.subplots(figsize=(2, 2))
ax.plot([1, 2])

# %% tags=["nbval-ignore-output"]
import time
time.perf_counter_ns()

# %%
print("a"); print("b", flush=True)
object()
"""


def test_rebuilding_unchanged_sources_changes_no_byte(home):
    source = home.write("one", BODY)
    assert home.mlsd("build", "one")[0] == 0
    first = source.with_suffix(".ipynb").read_bytes()
    assert home.mlsd("build", "one")[0] == 0
    assert source.with_suffix(".ipynb").read_bytes() == first
    assert home.mlsd("build", "one", "--fresh")[0] == 0
    assert source.with_suffix(".ipynb").read_bytes() != first  # the clock, recorded anew
    notebook = nbformat.reads(first.decode(), as_version=4)
    nbformat.validate(notebook)
    assert "0x…" in notebook.cells[-1].outputs[-1]["data"]["text/plain"]
    assert notebook.cells[-1].outputs[0]["text"] == "a\nb\n"


def test_a_failing_notebook_is_not_written(home):
    source = home.write("bad", "# %%\n1 / 0\n")
    code, out, _ = home.mlsd("build", "bad")
    assert code == 1 and "ZeroDivisionError" in out
    assert not source.with_suffix(".ipynb").exists()


def test_a_byte_order_mark_changes_nothing_and_is_not_kept(home, ok_body):
    source = home.write("one", ok_body)
    text = source.read_bytes()
    source.write_bytes(codecs.BOM_UTF8 + text)
    (entry,) = catalogue()
    assert job_of(entry, "", {}, 60).text == text.decode()  # what `mlsd run` sends to a kernel
    assert home.mlsd("build", "one")[0] == 0
    assert source.read_bytes().startswith(b"# ---")
    assert disagreements(catalogue()) == []
    source.write_bytes(codecs.BOM_UTF8 + source.read_bytes())  # an editor puts it back
    assert disagreements(catalogue()) == []


@pytest.mark.parametrize("change", ["a = 1", "# %% [markdown]\n# other words"])
def test_a_pair_that_disagrees_is_named(home, change):
    source = home.write("one", "# %%\na = 0\n")
    assert home.mlsd("build", "--check")[0] == 1
    assert home.mlsd("build")[0] == 0
    assert disagreements(catalogue()) == []
    source.write_text(source.read_text() + "\n# %%\n" + change + "\n")
    assert disagreements(catalogue()) == [
        "demo/one: its .ipynb is not made from its .py: run `mlsd build one`."
    ]
    code, out, _ = home.mlsd("build", "--check")
    assert code == 1 and "mlsd build one" in out


def test_png_loses_its_text_and_time_and_nothing_else():
    def chunk(kind, data):
        crc = zlib.crc32(kind + data).to_bytes(4, "big")
        return len(data).to_bytes(4, "big") + kind + data + crc

    head, body = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", b"1" * 13), chunk(b"IDAT", b"22")
    noise = chunk(b"tEXt", b"Software\0x") + chunk(b"tIME", b"1234567")
    end = chunk(b"IEND", b"")
    full = base64.b64encode(head + noise + body + end).decode()
    assert base64.b64decode(strip_png(full)) == head + body + end
    assert strip_png(base64.b64encode(b"GIF89a").decode()) == base64.b64encode(b"GIF89a").decode()


def test_normalising_twice_changes_nothing_and_ids_are_unique():
    cells = [nbformat.v4.new_code_cell("1") for _ in range(3)]
    cells[0].outputs = [
        nbformat.v4.new_output("stream", name="stdout", text="a\n"),
        nbformat.v4.new_output("stream", name="stderr", text="b\n"),
        nbformat.v4.new_output("stream", name="stderr", text="c\n"),
    ]
    cells[1].metadata["papermill"] = {"duration": 1.0}
    notebook = normalise(nbformat.v4.new_notebook(cells=cells))
    once = nbformat.writes(notebook)
    assert [output["text"] for output in notebook.cells[0].outputs] == ["a\n", "b\nc\n"]
    assert len({cell["id"] for cell in notebook.cells}) == 3
    assert "papermill" not in once
    assert nbformat.writes(normalise(nbformat.reads(once, as_version=4))) == once

"""Makes an executed notebook depend on its content alone: same sources, same bytes."""

from __future__ import annotations

import base64
import hashlib
import re
import struct
from collections import Counter
from typing import Any

VOLATILE = "nbval-ignore-output"
"""The tag of cells whose output depends on the machine or the moment."""

_ADDRESS = re.compile(r"\b0x[0-9a-f]{6,16}\b")
_PNG = b"\x89PNG\r\n\x1a\n"
_KEPT_METADATA = ("kernelspec", "mlsd")


def normalise(notebook: Any) -> Any:
    """Normalise ``notebook`` (nbformat 4) in place and return it.

    Cell ids come from the sources; timings and tool versions go; neighbouring pieces of one output
    stream are merged; memory addresses are masked; PNG files lose their text and time chunks.
    """
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    kept = {key: notebook.metadata[key] for key in _KEPT_METADATA if key in notebook.metadata}
    kept["language_info"] = {"name": "python"}
    notebook.metadata.clear()
    notebook.metadata.update(kept)
    seen: Counter[str] = Counter()
    count = 0
    for cell in notebook.cells:
        digest = hashlib.sha256(f"{cell.cell_type}\n{cell.source}".encode()).hexdigest()[:8]
        cell["id"] = f"{digest}-{seen[digest]}" if seen[digest] else digest
        seen[digest] += 1
        tags = [tag for tag in cell.metadata.get("tags", []) if tag != "injected-parameters"]
        cell.metadata.clear()
        if tags:
            cell.metadata["tags"] = tags
        if cell.cell_type == "code":
            count += 1
            cell["execution_count"] = count
            cell["outputs"] = [_output(item, count) for item in _merged(cell.outputs)]
    return notebook


def _merged(outputs: list[Any]) -> list[Any]:
    """Stream pieces of the same name that follow each other become one."""
    merged: list[Any] = []
    for output in outputs:
        last = merged[-1] if merged else None
        if (
            last is not None
            and output.output_type == last.output_type == "stream"
            and output.name == last.name
        ):
            last["text"] += output["text"]
        else:
            merged.append(output)
    return merged


def _output(output: Any, count: int) -> Any:
    if output.output_type == "execute_result":
        output["execution_count"] = count
    if "text" in output:
        output["text"] = _ADDRESS.sub("0x…", output["text"])
    if "data" in output:
        output["metadata"] = {}
        for kind, content in output["data"].items():
            if kind.startswith("text/") and isinstance(content, str):
                output["data"][kind] = _ADDRESS.sub("0x…", content)
            elif kind == "image/png":
                output["data"][kind] = strip_png(content)
    return output


def strip_png(content: str) -> str:
    """A base64 PNG without its ancillary text and time chunks (software name, date)."""
    data = base64.b64decode(content)
    if not data.startswith(_PNG):
        return content
    kept, at = [_PNG], len(_PNG)
    while at + 12 <= len(data):
        (length,) = struct.unpack(">I", data[at : at + 4])
        kind = data[at + 4 : at + 8]
        if kind not in (b"tEXt", b"zTXt", b"iTXt", b"tIME"):
            kept.append(data[at : at + 12 + length])
        at += 12 + length
    return base64.b64encode(b"".join(kept)).decode()


def keep_volatile(notebook: Any, earlier: Any) -> None:
    """Give the volatile cells of ``notebook`` the outputs that ``earlier`` has for the same cells.

    A latency is another one each time. Its recorded value stays as long as the cells stay, so that
    rebuilding unchanged sources changes no byte.
    """
    recorded = {
        cell["id"]: cell.outputs
        for cell in earlier.cells
        if VOLATILE in cell.metadata.get("tags", [])
    }
    for cell in notebook.cells:
        if VOLATILE in cell.metadata.get("tags", []) and cell["id"] in recorded:
            cell["outputs"] = recorded[cell["id"]]

"""Plain data as bytes and back: JSON for the structure, raw buffers for the arrays.

Loading executes nothing: there is no pickle, types come from a fixed list, and every buffer's
size is checked against its shape. Round trips are exact, so equal bytes mean equal data.
"""

from __future__ import annotations

import datetime
import json
import math
import struct
import sys
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

LARGEST = 64 * 2**20
"""Bytes that one message may have."""
# bound here: a learner may patch the module's names later
_dtype, _empty, _frombuffer = np.dtype, np.empty, np.frombuffer
KINDS = "biufUSMm"
"""The dtypes that travel: bool, integers, floats, text, dates and spans of time."""


class Foreign:
    """Stands for a value that is not plain data: only the name of its type came across."""

    def __init__(self, type_name: str) -> None:
        self.type_name = type_name

    def __repr__(self) -> str:
        return f"<{self.type_name}>"


class Stream:
    """Items to be read once, one after the other, as from a generator: no length, no index.

    >>> stream = Stream("ab")
    >>> list(stream), list(stream), stream.items
    (['a', 'b'], [], ['a', 'b'])
    """

    def __init__(self, items: Iterable[Any]) -> None:
        self.items = list(items)
        self._reader = iter(self.items)

    def __iter__(self) -> Iterator[Any]:
        return self._reader

    def __repr__(self) -> str:
        return f"iter({self.items!r})"


class WireError(ValueError):
    """Bytes that are no message."""


def pack(value: Any) -> bytes:
    """``value`` as bytes.

    >>> unpack(pack({"k": 3, "x": [1.5, None], "pair": (1, "a")}))
    {'k': 3, 'x': [1.5, None], 'pair': (1, 'a')}
    """
    blobs: list[bytes] = []
    head = json.dumps(_tree(value, blobs), separators=(",", ":")).encode()
    sizes = [len(head), *map(len, blobs)]
    return b"".join([struct.pack(f"<I{len(sizes)}Q", len(sizes), *sizes), head, *blobs])


def unpack(data: bytes) -> Any:
    """The value that ``data`` holds; a `WireError` if the bytes are not a message."""
    try:
        (count,) = struct.unpack_from("<I", data)
        if not 1 <= count <= 100_000:
            raise WireError("a bad count of parts")
        sizes = struct.unpack_from(f"<{count}Q", data, 4)
        at = 4 + 8 * count
        if at + sum(sizes) != len(data):
            raise WireError("sizes that do not add up")
        parts = []
        for size in sizes:
            parts.append(data[at : at + size])
            at += size
        return _value(json.loads(parts[0]), parts[1:])
    except WireError:
        raise
    except Exception as error:  # the bytes are hostile: whatever they provoke, they are no message
        raise WireError(f"not a message: {type(error).__name__}") from None


def _tree(value: Any, blobs: list[bytes]) -> Any:
    if value is None or isinstance(value, bool | str):
        return value if value is None else str(value) if isinstance(value, str) else bool(value)
    if isinstance(value, np.generic | np.ndarray):
        return _array(value, blobs)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value)
    if isinstance(value, bytes):
        return {"t": "bytes", "b": _blob(bytes(value), blobs)}
    if isinstance(value, list):
        return [_tree(item, blobs) for item in value]
    if isinstance(value, tuple):
        return {"t": "tuple", "v": [_tree(item, blobs) for item in value]}
    if isinstance(value, Stream):
        return {"t": "stream", "v": [_tree(item, blobs) for item in value.items]}
    if isinstance(value, dict):
        keys = [_tree(key, blobs) for key in value]
        return {"t": "dict", "k": keys, "v": [_tree(value[key], blobs) for key in value]}
    return _frame(value, blobs)


def _blob(data: bytes, blobs: list[bytes]) -> int:
    blobs.append(data)
    return len(blobs) - 1


def _array(value: Any, blobs: list[bytes]) -> Any:
    kind = value.dtype.kind
    if kind == "O":
        if isinstance(value, np.generic):
            return {"t": "other", "name": type(value).__name__}
        items = [_tree(item, blobs) for item in value.ravel().tolist()]
        return {"t": "objects", "shape": list(value.shape), "v": items}
    if kind not in KINDS:
        return {"t": "other", "name": f"{type(value).__name__} of {value.dtype}"[:80]}
    # methods, not np functions: a learner may have patched the module
    return {
        "t": "scalar" if isinstance(value, np.generic) else "array",
        "dtype": value.dtype.str,
        "shape": list(value.shape),
        "b": _blob(value.tobytes(), blobs),
    }


def _frame(value: Any, blobs: list[bytes]) -> Any:
    pandas = sys.modules.get("pandas")
    if pandas is not None:
        if value is pandas.NaT or value is pandas.NA:
            return {"t": "NaT" if value is pandas.NaT else "NA"}
        if isinstance(value, pandas.DataFrame):
            columns = [_column(value.iloc[:, i], blobs) for i in range(value.shape[1])]
            names = [_tree(name, blobs) for name in value.columns.tolist()]
            return {"t": "frame", "names": names, "v": columns, "i": _index(value.index, blobs)}
        if isinstance(value, pandas.Series):
            index = _index(value.index, blobs)
            name = _tree(value.name, blobs)
            return {"t": "series", "name": name, "v": _column(value, blobs), "i": index}
        if isinstance(value, pandas.Index):
            return _array(value.to_numpy(), blobs)
        if hasattr(pandas.api.extensions, "ExtensionArray") and isinstance(
            value, pandas.api.extensions.ExtensionArray
        ):
            return _array(value.to_numpy(), blobs)
    if isinstance(value, datetime.date):
        return {"t": "date", "type": type(value).__name__, "v": value.isoformat()}
    if isinstance(value, datetime.timedelta):
        return _array(np.timedelta64(value), blobs)
    return {"t": "other", "name": type(value).__name__[:80]}


def _index(index: Any, blobs: list[bytes]) -> Any:
    pandas = sys.modules["pandas"]
    if isinstance(index, pandas.RangeIndex):
        return {"t": "range", "v": [index.start, index.stop, index.step, index.name]}
    return {"t": "index", "name": _tree(index.name, blobs), "v": _column(index.to_series(), blobs)}


def _column(series: Any, blobs: list[bytes]) -> Any:
    dtype = series.dtype
    if isinstance(dtype, np.dtype) and dtype.kind in KINDS:
        return {"t": "column", "dtype": dtype.str, "v": _array(series.to_numpy(), blobs)}
    values = series.astype(object).to_numpy()
    name = str(dtype)
    return {"t": "column", "dtype": name, "v": _array(values, blobs)}


def _value(tree: Any, blobs: list[bytes]) -> Any:
    if isinstance(tree, list):
        return [_value(item, blobs) for item in tree]
    if not isinstance(tree, dict):
        return tree
    kind = tree["t"]
    if kind in ("array", "scalar"):
        return _numpy(tree, blobs)
    if kind == "objects":
        items = [_value(item, blobs) for item in tree["v"]]
        found = _empty(len(items), dtype=object)
        found[:] = items if not any(isinstance(i, list | np.ndarray) for i in items) else None
        if found.size and found[0] is None:
            for at, item in enumerate(items):
                found[at] = item
        return found.reshape(_shape(tree))
    if kind == "tuple":
        return tuple(_value(item, blobs) for item in tree["v"])
    if kind == "stream":
        return Stream(_value(item, blobs) for item in tree["v"])
    if kind == "dict":
        keys = [_value(key, blobs) for key in tree["k"]]
        return dict(zip(keys, (_value(item, blobs) for item in tree["v"]), strict=True))
    if kind == "bytes":
        return blobs[tree["b"]]
    if kind == "other":
        return Foreign(str(tree["name"])[:80])
    return _pandas(kind, tree, blobs)


def _shape(tree: dict[str, Any]) -> tuple[int, ...]:
    shape = tuple(int(n) for n in tree["shape"])
    if len(shape) > 8 or any(n < 0 for n in shape):
        raise WireError("a bad shape")
    return shape


def _numpy(tree: dict[str, Any], blobs: list[bytes]) -> Any:
    dtype = _dtype(str(tree["dtype"]))
    if dtype.kind not in KINDS:
        raise WireError(f"a dtype that does not travel: {dtype}")
    shape = _shape(tree)
    data = blobs[tree["b"]]
    if math.prod(shape) * dtype.itemsize != len(data):
        raise WireError("a buffer that does not fit its shape")
    # a copy: the receiver may write into it
    found = _frombuffer(data, dtype=dtype).reshape(shape).copy() if data else _empty(shape, dtype)
    return found[()] if tree["t"] == "scalar" else found


def _pandas(kind: str, tree: dict[str, Any], blobs: list[bytes]) -> Any:
    import pandas

    if kind in ("NaT", "NA"):
        return getattr(pandas, kind)
    if kind == "date":
        makers = {"Timestamp": pandas.Timestamp, "datetime": datetime.datetime.fromisoformat}
        return makers.get(tree["type"], datetime.date.fromisoformat)(tree["v"])
    if kind == "range":
        start, stop, step, name = tree["v"]
        return pandas.RangeIndex(start, stop, step, name=name)
    if kind == "index":
        return pandas.Index(_value(tree["v"], blobs), name=_value(tree["name"], blobs))
    if kind == "column":
        values = _value(tree["v"], blobs)
        dtype = tree["dtype"]
        return pandas.Series(values, dtype=dtype if values.dtype.kind == "O" else None).array
    if kind == "series":
        values, index = _value(tree["v"], blobs), _value(tree["i"], blobs)
        return pandas.Series(values, index=index, name=_value(tree["name"], blobs))
    if kind == "frame":
        index = _value(tree["i"], blobs)
        columns = dict(enumerate(_value(item, blobs) for item in tree["v"]))
        frame = pandas.DataFrame(columns, index=index)
        frame.columns = pandas.Index([_value(name, blobs) for name in tree["names"]])
        return frame
    raise WireError(f"an unknown kind {kind!r}")

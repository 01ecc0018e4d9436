"""The wire: exact round trips of plain data, and no bytes that do harm."""

import contextlib
import datetime
import math
import pickle

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mlsd_kit.curriculum.grading.wire import Foreign, Stream, WireError, pack, unpack

SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), st.binary(max_size=5)
)
PLAIN = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=3).map(tuple),
        st.dictionaries(st.one_of(st.text(max_size=3), st.integers()), inner, max_size=3),
    ),
    max_leaves=10,
)


@settings(deadline=None, max_examples=50)
@given(PLAIN)
def test_plain_data_comes_back_as_it_was(value):
    back = unpack(pack(value))
    assert pack(back) == pack(value)
    assert type(back) is type(value)
    if value == value and not isinstance(value, list | tuple | dict):
        assert back == value


@pytest.mark.parametrize(
    "dtype",
    ["bool", "int8", "int64", "uint16", "float32", "float64", "<U3", "M8[D]", "m8[s]", ">f8"],
)
@settings(deadline=None, max_examples=10)
@given(data=st.data())
def test_arrays_keep_dtype_shape_and_bytes(dtype, data):
    array = data.draw(arrays(dtype, st.sampled_from([(), (0,), (3,), (2, 3), (0, 4)])))
    back = unpack(pack(array))
    assert back.dtype == array.dtype
    assert back.shape == array.shape
    assert back.tobytes() == array.tobytes()
    assert back.flags.writeable


def test_a_stream_can_only_be_read_once_and_item_by_item():
    sent = Stream([1, "two", 3.0])
    assert next(iter(sent)) == 1  # what was read of it before does not matter: a call reads a copy
    back = unpack(pack({"stream": sent}))["stream"]
    assert isinstance(back, Stream) and repr(back) == "iter([1, 'two', 3.0])"
    assert list(back) == [1, "two", 3.0] and list(back) == []
    assert pack(back) == pack(sent)  # reading is no change of an argument
    with pytest.raises(TypeError, match="len"):
        len(back)


def test_non_contiguous_and_read_only_arrays_travel():
    array = np.arange(12.0).reshape(3, 4).T[::2]
    array.flags.writeable = False
    np.testing.assert_array_equal(unpack(pack(array)), array)


@pytest.mark.parametrize(
    "table",
    [
        pd.DataFrame({"a": [1, 2], "b": [0.5, None], "c": ["x", None], "d": [True, False]}),
        pd.DataFrame({"day": pd.to_datetime(["2024-01-31", None])}),
        pd.DataFrame({"a": [1]}, index=pd.Index(["k"], name="key")),
        pd.DataFrame(),
        pd.DataFrame({"a": []}),
        pd.DataFrame({"c": pd.Categorical(["a", "b", "a"])}),
        pd.DataFrame([[1, 2]], columns=[0, 1]),
    ],
)
def test_tables_come_back(table):
    back = unpack(pack(table))
    pd.testing.assert_frame_equal(back, table, check_column_type=False, check_categorical=False)
    assert pack(back) == pack(table)


@pytest.mark.parametrize(
    "series", [pd.Series([1.5, None], name="x"), pd.Series(["a", None]), pd.Series([1, 2], [3, 4])]
)
def test_series_come_back(series):
    pd.testing.assert_series_equal(unpack(pack(series)), series)


def test_dates_and_missing_marks_come_back():
    day = pd.Timestamp("2024-02-29 12:30")
    for value in (day, datetime.date(2024, 2, 29), datetime.datetime(2024, 2, 29, 1, 2)):
        assert unpack(pack(value)) == value
    assert unpack(pack(pd.NaT)) is pd.NaT
    assert unpack(pack(pd.NA)) is pd.NA
    assert unpack(pack(datetime.timedelta(seconds=3))) == np.timedelta64(3, "s")


def test_objects_in_arrays_and_numpy_scalars():
    array = np.array([None, "a", 1.5, [1]], dtype=object)
    assert unpack(pack(array)).tolist() == [None, "a", 1.5, [1]]
    assert unpack(pack(np.array([[1], [2]], dtype=object).astype(object))).shape == (2, 1)
    back = unpack(pack(np.float32(0.1)))
    assert type(back) is np.float32
    assert math.isclose(float(back), float(np.float32(0.1)))


def test_anything_else_arrives_as_the_name_of_its_type():
    for value in ({1, 2}, (i for i in "ab"), print, object(), 1j, np.array([1j])):
        assert isinstance(unpack(pack(value)), Foreign)
    assert repr(unpack(pack({1}))) == "<set>"


@settings(deadline=None, max_examples=50)
@given(st.binary(max_size=200))
def test_random_bytes_are_refused_or_read_never_run(data):
    with contextlib.suppress(WireError):
        unpack(data)


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 200), st.integers(0, 255))
def test_a_changed_byte_is_refused_or_read(at, byte):
    data = bytearray(pack({"x": np.arange(6.0).reshape(2, 3), "y": ["a", (1, None)]}))
    data[at % len(data)] = byte
    with contextlib.suppress(WireError):
        unpack(bytes(data))


def message(head, *blobs):
    import json
    import struct

    text = json.dumps(head).encode()
    sizes = [len(text), *map(len, blobs)]
    return struct.pack(f"<I{len(sizes)}Q", len(sizes), *sizes) + text + b"".join(blobs)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        pickle.dumps(print),
        message({"t": "array", "dtype": "|O", "shape": [1], "b": 0}, b"\0" * 8),
        message({"t": "array", "dtype": "<f8", "shape": [10**12], "b": 0}, b""),
        message({"t": "array", "dtype": "<f8", "shape": [-1, -1], "b": 0}, b"\0" * 8),
        message({"t": "array", "dtype": "<f8", "shape": [1] * 9, "b": 0}, b"\0" * 8),
        message({"t": "array", "dtype": "<f8", "shape": [1], "b": 7}, b"\0" * 8),
        message({"t": "array", "dtype": "no such", "shape": [1], "b": 0}, b"\0" * 8),
        message({"t": "no such kind"}),
        message({"no": "kind"}),
        message({"t": "dict", "k": [[1]], "v": [1]}),
        message({"t": "dict", "k": [1], "v": []}),
        b"\x01\x00\x00\x00" + (20_000).to_bytes(8, "little") + b"[" * 20_000,
        b"\x01\x00\x00\x00" + (3).to_bytes(8, "little") + b"\xff\xfe{",
    ],
)
def test_hostile_messages_are_refused(data):
    with pytest.raises(WireError):
        unpack(data)

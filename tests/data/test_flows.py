"""Files of one's own: read as they are, or refused with the line that does not fit."""

import gzip
import json

import pandas as pd
import pytest

from mlsd_kit.data import SchemaError
from mlsd_kit.data.flows import FAMILIES, NSL_KDD_FEATURES, load_flows, load_nsl_kdd, load_zeek
from mlsd_kit.systems.network_anomaly import host_windows


def record(attack="neptune", *, length=43, **changes):
    values = dict.fromkeys(NSL_KDD_FEATURES, "0") | {
        "protocol_type": "tcp",
        "service": "http",
        "flag": "SF",
        "serror_rate": "0.25",
    }
    return ",".join([*(values | changes).values(), attack, "21"][:length]) + "\n"


HEADER = """ts uid id.orig_h id.orig_p id.resp_h id.resp_p proto service duration orig_bytes
    resp_bytes conn_state local_orig"""
FIELDS = HEADER.split()
ROW = ["1772445600.25", "C1", "10.0.0.1", "5000", "8.8.8.8", "443", "tcp", "ssl", "1.5", "600"]
ROW += ["9000", "SF", "-"]


def zeek(*rows, fields=FIELDS, path="conn"):
    head = [["#separator \\x09"], ["#path", path], ["#fields", *fields]]
    return "\n".join("\t".join(line) for line in [*head, *rows, ["#close", "now"]]) + "\n"


@pytest.fixture
def write(tmp_path):
    def write(text, name="file.txt"):
        file = tmp_path / name
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return file

    return write


@pytest.mark.parametrize("length", [43, 42])
def test_nsl_kdd_records(write, length):
    file = write(record("normal", length=length) + record("snmpguess.", src_bytes="7"))
    kind, table = load_flows(file)
    assert kind == "nsl_kdd"
    assert table.columns.to_list() == [*NSL_KDD_FEATURES, "attack", "family"]
    assert table["family"].to_list() == ["normal", "r2l"]
    assert table["src_bytes"].to_list() == [0, 7] and table["serror_rate"].to_list() == [0.25, 0.25]


def test_a_new_attack_is_of_an_unknown_family(write):
    assert load_nsl_kdd(write(record("brandnew")))["family"].to_list() == ["unknown"]


def test_the_families_hold_all_attacks_of_both_files_once():
    counts = pd.Series(FAMILIES).value_counts()
    assert counts.to_dict() == {"r2l": 15, "dos": 11, "u2r": 7, "probe": 6, "normal": 1}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (record() + "1,2,3\n", "line 2 has 3 fields instead of 43"),
        (record() + record(hot="many"), "line 2: hot is 'many', which is no number"),
        ("\n\n", "has no records"),
        (record() + "\n\n" + record(count=""), "line 4: count is ''"),
    ],
)
def test_nsl_kdd_files_that_do_not_fit(write, text, says):
    with pytest.raises(SchemaError, match=says):
        load_nsl_kdd(write(text))


@pytest.mark.parametrize("packed", [False, True])
def test_a_zeek_log_as_text(write, packed):
    text = zeek(ROW, ["1772445600.125", *ROW[1:7], "-", "-", "-", "-", "S0", "T"])
    kind, table = load_flows(write(gzip.compress(text.encode()) if packed else text))
    assert kind == "zeek"
    assert table["time"].to_list() == [
        pd.Timestamp("2026-03-02 10:00:00.125"),
        pd.Timestamp("2026-03-02 10:00:00.250"),
    ]
    assert table["bytes_out"].to_list() == [0, 600] and table["service"].to_list() == ["", "ssl"]
    assert table["state"].to_list() == ["S0", "SF"] and table["port"].to_list() == [443, 443]


@pytest.mark.parametrize("ts", [1772445600.25, "2026-03-02T10:00:00.250000Z"])
def test_a_zeek_log_as_json_reads_the_same(write, ts):
    row = dict(zip(FIELDS, ROW, strict=True)) | {"ts": ts, "id.resp_p": 443, "orig_bytes": 600}
    row = {name: value for name, value in row.items() if value != "-"}
    found = load_flows(write(json.dumps(row) + "\n"))[1]
    pd.testing.assert_frame_equal(found, load_zeek(write(zeek(ROW))), check_dtype=False)


def test_its_flows_have_features(write):
    table = host_windows(load_zeek(write(zeek(ROW))))
    assert table.loc["10.0.0.1", "out_bytes"].to_list() == [600]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (zeek(ROW[:-2]), "line 4 has 11 fields instead of 13: was the file cut off"),
        (zeek(ROW, path="http"), "log of 'http': give its conn.log"),
        (zeek(ROW[1:], fields=FIELDS[1:]), "lacks the field 'ts'"),
        (zeek(), "has no flows"),
        (zeek(["soon", *ROW[1:]]), "ts is 'soon', which is no time"),
        (zeek([*ROW[:9], "much", *ROW[10:]]), "bytes_out is 'much', which is no number"),
        ("#separator \\x09\n" + "\t".join(ROW) + "\n", "line 2 comes before any #fields line"),
        ('{"ts": 1}\nbroken\n', "line 2 is not JSON"),
        ('{"ts": 1}\n', "lacks the field 'id.orig_h'"),
    ],
)
def test_zeek_files_that_do_not_fit(write, text, says):
    with pytest.raises(SchemaError, match=says):
        load_flows(write(text))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a,b,c\n1,2,3\n", "is neither NSL-KDD"),
        ("", "is neither NSL-KDD"),
        (b"\xff\xfe\x00binary\x80", "cannot be read as text"),
        (gzip.compress(b"x" * 10000, mtime=0)[:40], "cannot be read as text"),
    ],
    ids=["another csv", "empty", "binary", "cut gzip"],
)
def test_files_of_another_kind(write, text, says):
    with pytest.raises(SchemaError, match=says):
        load_flows(write(text))


def test_a_file_that_is_not_there_and_a_folder(tmp_path):
    for path in (tmp_path / "nothing.txt", tmp_path):
        with pytest.raises(SchemaError, match="there is no file"):
            load_flows(path)

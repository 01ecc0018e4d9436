"""Network traffic of your own: NSL-KDD record files and Zeek's ``conn.log``."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from mlsd_kit.data.errors import SchemaError

Kind = Literal["nsl_kdd", "zeek"]

_CATEGORIES = ("protocol_type", "service", "flag")
_KDD_NAMES = """
    duration protocol_type service flag src_bytes dst_bytes land wrong_fragment urgent hot
    num_failed_logins logged_in num_compromised root_shell su_attempted num_root num_file_creations
    num_shells num_access_files num_outbound_cmds is_host_login is_guest_login count srv_count
    serror_rate srv_serror_rate rerror_rate srv_rerror_rate same_srv_rate diff_srv_rate
    srv_diff_host_rate dst_host_count dst_host_srv_count dst_host_same_srv_rate
    dst_host_diff_srv_rate dst_host_same_src_port_rate dst_host_srv_diff_host_rate
    dst_host_serror_rate dst_host_srv_serror_rate dst_host_rerror_rate
    dst_host_srv_rerror_rate"""
NSL_KDD_FEATURES = tuple(_KDD_NAMES.split())
"""The 41 features of KDD Cup 1999, in their order."""

_FAMILIES = {
    "normal": "normal",
    "dos": "back land neptune pod smurf teardrop apache2 mailbomb processtable udpstorm worm",
    "probe": "ipsweep mscan nmap portsweep saint satan",
    "r2l": """ftp_write guess_passwd httptunnel imap multihop named phf sendmail snmpgetattack
        snmpguess spy warezclient warezmaster xlock xsnoop""",
    "u2r": "buffer_overflow loadmodule perl ps rootkit sqlattack xterm",
}
FAMILIES = {attack: family for family, attacks in _FAMILIES.items() for attack in attacks.split()}
"""Attack name -> family; names that are not here are of the family "unknown"."""

_ZEEK = {  # Zeek's field -> our column
    "ts": "time",
    "id.orig_h": "source",
    "id.resp_h": "destination",
    "proto": "protocol",
    "service": "service",
    "id.resp_p": "port",
    "conn_state": "state",
    "duration": "duration",
    "orig_bytes": "bytes_out",
    "resp_bytes": "bytes_in",
}
_NUMBERS = {"port": 0, "duration": 0.0, "bytes_out": 0, "bytes_in": 0}
_OPTIONAL = {"service", "duration", "orig_bytes", "resp_bytes"}


def load_flows(path: str | Path) -> tuple[Kind, pd.DataFrame]:
    """Traffic of your own from a file, whichever of the two formats it is.

    Returns
    -------
    kind : "nsl_kdd" or "zeek"
    table : DataFrame
        As from `load_nsl_kdd` or `load_zeek`.

    Raises
    ------
    SchemaError
        With one sentence: no such file, neither format, or the line that does not fit.
    """
    file = _existing(path)
    first = next((line for line in _lines(file) if line.strip()), "")
    if first.startswith(("#separator", "#fields", "{")):
        return "zeek", load_zeek(file)
    if first.count(",") in (len(NSL_KDD_FEATURES), len(NSL_KDD_FEATURES) + 1):
        return "nsl_kdd", load_nsl_kdd(file)
    raise SchemaError(
        f"{file} is neither NSL-KDD (43 fields between commas, no header) nor a Zeek conn.log "
        f"(#fields header, or JSON lines): its first line begins {first[:40]!r}."
    )


def load_nsl_kdd(path: str | Path) -> pd.DataFrame:
    """Records of NSL-KDD (``KDDTrain+.txt`` and its like).

    Parameters
    ----------
    path : path
        Lines of 41 features, the attack's name ("normal" if none), and optionally the difficulty;
        no header; plain or gzip.

    Returns
    -------
    DataFrame
        The 41 features, attack and family (normal, dos, probe, r2l, u2r or unknown).

    Raises
    ------
    SchemaError
        Naming the first line and field that does not fit.
    """
    file = _existing(path)
    names = [*NSL_KDD_FEATURES, "attack"]
    rows: list[list[Any]] = []
    read: list[Callable[[str], Any]] = [
        str if name in _CATEGORIES else float for name in NSL_KDD_FEATURES
    ]
    for number, line in enumerate(_lines(file), 1):
        fields = line.rstrip("\r\n").split(",")
        if fields == [""]:
            continue
        if len(fields) not in (len(names), len(names) + 1):
            raise SchemaError(
                f"{file}, line {number} has {len(fields)} fields instead of {len(names) + 1}: "
                "is it an NSL-KDD file without a header?"
            )
        try:
            values = [f(field) for f, field in zip(read, fields, strict=False)]
        except ValueError:
            raise _wrong_field(file, number, fields)
        rows.append([*values, fields[len(NSL_KDD_FEATURES)].strip().rstrip(".")])
    if not rows:
        raise SchemaError(f"{file} has no records: give a file that has some.")
    table = pd.DataFrame(rows, columns=names)
    return table.assign(family=table["attack"].map(FAMILIES).fillna("unknown"))


def load_zeek(path: str | Path) -> pd.DataFrame:
    """Flows of a Zeek ``conn.log``, tab-separated or JSON lines, plain or gzip.

    Returns
    -------
    DataFrame
        time (UTC), source, destination, protocol, service, port, state, duration [s], bytes_out and
        bytes_in, sorted by time; what Zeek left unset is "" or 0.

    Raises
    ------
    SchemaError
        Naming what is missing, or the first line that does not fit.
    """
    file = _existing(path)
    first = next((line for line in _lines(file) if line.strip()), "")
    table = pd.DataFrame(_json_rows(file) if first.startswith("{") else _tab_rows(file))
    if table.empty:
        raise SchemaError(f"{file} has no flows: give a conn.log that has some.")
    required = [name for name in _ZEEK if name not in _OPTIONAL]
    if missing := [name for name in required if name not in table]:
        raise SchemaError(f"{file} lacks the field {missing[0]!r}: is it a conn.log of Zeek?")
    table = table.reindex(columns=list(_ZEEK)).rename(columns=_ZEEK)
    table["time"] = _times(file, table["time"])
    for name, unset in _NUMBERS.items():
        numbers = pd.to_numeric(table[name], errors="coerce")
        bad = numbers.isna() & table[name].notna()
        if bad.any():
            raise SchemaError(f"{file}: {name} is {table[name][bad].iloc[0]!r}, which is no number")
        table[name] = numbers.fillna(unset).astype(type(unset))
    text = ["source", "destination", "protocol", "service", "state"]
    table[text] = table[text].fillna("").astype(str)
    return table.sort_values("time", kind="stable", ignore_index=True)


def _existing(path: str | Path) -> Path:
    file = Path(path).expanduser()
    if not file.is_file():
        raise SchemaError(f"there is no file {file}: correct the path.")
    return file


def _lines(file: Path) -> Any:
    """The lines of a text file; gzip is told by its first bytes."""
    try:
        with file.open("rb") as opened:
            packed = opened.read(2) == b"\x1f\x8b"
        with (gzip.open if packed else open)(file, "rt", encoding="utf-8") as text:
            yield from text
    except (UnicodeDecodeError, EOFError, OSError) as error:
        raise SchemaError(f"{file} cannot be read as text ({error}).")


def _wrong_field(file: Path, number: int, fields: list[str]) -> SchemaError:
    for name, field in zip(NSL_KDD_FEATURES, fields, strict=False):
        if name not in _CATEGORIES:
            try:
                float(field)
            except ValueError:
                return SchemaError(
                    f"{file}, line {number}: {name} is {field!r}, which is no number."
                )
    return SchemaError(f"{file}, line {number} does not fit.")


def _json_rows(file: Path) -> list[dict[str, Any]]:
    rows = []
    for number, line in enumerate(_lines(file), 1):
        try:
            row = json.loads(line) if line.strip() else None
        except ValueError:
            raise SchemaError(f"{file}, line {number} is not JSON, as the first one is.")
        if row is not None:
            rows.append(row)
    return rows


def _tab_rows(file: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    fields: list[str] = []
    for number, line in enumerate(_lines(file), 1):
        values = line.rstrip("\r\n").split("\t")
        if values[0] == "#fields":
            fields = values[1:]
        elif values[0] == "#path" and values[1:] != ["conn"]:
            raise SchemaError(f"{file} is Zeek's log of {values[-1]!r}: give its conn.log.")
        elif line.startswith("#") or not line.strip():
            continue
        elif not fields:
            raise SchemaError(f"{file}, line {number} comes before any #fields line.")
        elif len(values) != len(fields):
            raise SchemaError(
                f"{file}, line {number} has {len(values)} fields instead of {len(fields)}: "
                "was the file cut off?"
            )
        else:
            pairs = zip(fields, values, strict=True)
            rows.append({k: None if v in ("-", "(empty)") else v for k, v in pairs})
    return rows


def _times(file: Path, raw: pd.Series[Any]) -> pd.Series[Any]:
    """Seconds since 1970, or ISO dates, as times in UTC without a zone."""
    seconds = pd.to_numeric(raw, errors="coerce")
    if seconds.notna().all():
        return pd.to_datetime((seconds * 1000).round(), unit="ms")
    times = pd.to_datetime(raw, errors="coerce", utc=True, format="ISO8601")
    if times.isna().any():
        raise SchemaError(f"{file}: ts is {raw[times.isna()].iloc[0]!r}, which is no time.")
    return times.dt.tz_localize(None)

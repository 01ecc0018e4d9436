"""A data set by its name, as a typed table."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from mlsd_kit.data.datasheets import Datasheet, datasheet
from mlsd_kit.data.errors import SchemaError, SimulatorError, WrongHashError
from mlsd_kit.data.fetching import fetch, location, sha256

if TYPE_CHECKING:  # the command line imports this package and must not wait for pandas
    import pandas as pd


def load(name: str, *, seed: int | None = None, **settings: Any) -> pd.DataFrame:
    """A data set as a DataFrame with the types of its datasheet's schema.

    Parameters
    ----------
    name : str
        One of `names()`.
    seed : int, default=None
        For a simulator only: the same seed gives the same table; None is 0.
    **settings
        For a simulator only: handed to it (its row count is then not checked).

    Returns
    -------
    DataFrame of shape (rows, columns)
        A new one at each call: change it as you like.

    Raises
    ------
    DataError
        One sentence with the cure: unknown name, no network and not in the cache, a wrong hash,
        a table that does not fit the schema, or a file that is no table (see `path`).

    Examples
    --------
    >>> load("telco").shape
    (7043, 21)
    """
    sheet = datasheet(name)
    if not sheet.table:
        raise SchemaError(f"{name} is a file, not a table: call path({name!r}) for where it lies.")
    if sheet.simulator:
        return _simulate(sheet, 0 if seed is None else seed, settings)
    if seed is not None or settings:
        given = ", ".join([*(["seed"] if seed is not None else []), *settings])
        raise SimulatorError(f"{name} is not simulated: call load({name!r}) without {given}.")
    from mlsd_kit.data import schema

    table = schema.read(sheet, fetch(name))
    schema.check(sheet, table)
    return table


def verify(name: str) -> None:
    """Compare a data set with its recorded hash and schema; silent if all is well.

    Nothing is downloaded: what is not here yet is no error of its content but cannot be
    verified either, and is reported.

    Raises
    ------
    WrongHashError
        If the file is not here, or is not the recorded one.
    SchemaError
        If the table differs from the schema.
    """
    sheet = datasheet(name)
    if not sheet.simulator:
        file = location(sheet)
        cure = f"delete it and run `mlsd data fetch {name}`"
        if (found := sha256(file)) is None:
            raise WrongHashError(f"{name} is not here: run `mlsd data fetch {name}`.")
        if found != sheet.sha256:
            raise WrongHashError(f"{name}: {file} is not the recorded file (sha256): {cure}.")
    if sheet.table:
        load(name)


def _simulate(sheet: Datasheet, seed: int, settings: dict[str, Any]) -> pd.DataFrame:
    import pandas as pd

    from mlsd_kit.data import schema

    module, function = sheet.simulator.split(":")
    try:
        simulate = getattr(importlib.import_module(module), function)
    except (ImportError, AttributeError) as error:
        raise SimulatorError(f"{sheet.name}: no simulator {sheet.simulator} ({error}): correct it.")
    table = simulate(seed=seed, **settings)
    if not isinstance(table, pd.DataFrame):
        raise SchemaError(f"{sheet.name}: {sheet.simulator} must return a DataFrame: correct it.")
    # the recorded number of rows is that of the default seed and settings
    schema.check(sheet, table, rows=seed == 0 and not settings)
    return table

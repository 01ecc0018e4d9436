"""Commands on data sets: list, fetch, verify, path."""

from __future__ import annotations

from typing import Annotated

import typer

Names = Annotated[list[str] | None, typer.Argument(metavar="[NAME]...", show_default=False)]


def app() -> typer.Typer:
    """``mlsd data …``."""
    made = typer.Typer(help="The data sets: list, fetch, verify, or show where they lie.")
    for name, command in (
        ("list", data_list),
        ("fetch", data_fetch),
        ("verify", data_verify),
        ("path", data_path),
    ):
        made.command(name)(command)
    return made


def data_list() -> None:
    """Every data set: its size, licence, and whether it is here."""
    from mlsd_kit.data import datasheet, is_cached, names

    for name in names():
        sheet = datasheet(name)
        here = "here" if is_cached(name) else "not fetched"
        size = f"{sheet.rows:,} rows" if sheet.table else "a file"
        print(f"{name}: {sheet.title} ({size}; {sheet.licence}; {here})")


def data_fetch(names: Names = None) -> None:
    """Fetch data sets into the cache (all of them if none is named)."""
    from mlsd_kit.data import fetch
    from mlsd_kit.data import names as all_names

    for name in names or all_names():
        print(f"{name}: {fetch(name)}", flush=True)


def data_verify(names: Names = None) -> None:
    """Compare cached data with its recorded hash and schema."""
    from mlsd_kit.data import DataError, verify
    from mlsd_kit.data import names as all_names

    failed = False
    for name in names or all_names():
        try:
            verify(name)
        except DataError as error:
            failed = True
            print(f"{name}: {error}")
        else:
            print(f"{name}: ok")
    raise typer.Exit(1 if failed else 0)


def data_path(name: str) -> None:
    """Where a data set's file lies, fetched if need be."""
    from mlsd_kit.data import path

    print(path(name))

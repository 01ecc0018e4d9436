"""Loading: typed by the schema, and every difference from it named."""

from __future__ import annotations

import gzip
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

import mlsd_kit.data as data
from mlsd_kit.data import schema
from mlsd_kit.data.errors import SchemaError, SimulatorError, WrongHashError

SIMULATED = (
    'title = "Simulated"\nrow = "one draw"\nrows = 3\nlicence = "MIT"\ncitation = "none"\n'
    'simulator = "toy_simulator:table"\n[schema]\n'
)


def test_the_table_has_the_schemas_types(toy):
    table = data.load("toy")
    kinds = {name: str(dtype) for name, dtype in table.dtypes.items()}
    assert kinds.pop("day").startswith("datetime64")
    assert kinds == {
        "id": "str",
        "kind": "category",
        "n": "int64",
        "price": "float64",
        "ok": "bool",
    }
    assert list(table) == ["id", "kind", "n", "price", "day", "ok"]
    assert list(table["kind"].cat.categories) == ["x", "y"]
    assert table["day"].iloc[1] == pd.Timestamp("2020-01-02")
    assert table["ok"].tolist() == [True, False]


def test_each_load_is_a_new_table(toy):
    first = data.load("toy")
    first["n"] = 0
    assert data.load("toy")["n"].tolist() == [1, 2]


def test_columns_come_in_the_schemas_order(toy):
    toy.with_csv("".join(",".join(reversed(r.split(","))) + "\n" for r in toy.csv.split()))
    assert list(data.load("toy")) == ["id", "kind", "n", "price", "day", "ok"]


def test_an_empty_field_is_missing_where_allowed(toy):
    toy.with_csv(toy.csv.replace("2.5", ""))
    assert np.isnan(data.load("toy")["price"].iloc[1])


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("id,kind", "id,sort", "the column 'kind' is missing"),
        ("day,ok\n", "day,ok,more\n", "unknown column 'more'"),
        (",2,2.5", ",two,2.5", "'n' is 'two' in row 1, which is no int64"),
        (",2,2.5", ",2.5,2.5", "'n' is '2.5' in row 1, which is no int64"),
        (",2,2.5", ",,2.5", "'n' has a missing value in row 1"),
        (",2,2.5", ",99999999999999999999,2.5", "'n' is '9+' in row 1"),
        (",2,2.5", ",10,2.5", "'n' is 10, above its limit of 9"),
        (",2,2.5", ",-1,2.5", "'n' is -1, below its limit of 0"),
        (",2,2.5", ",2,0.25", "'price' is 0.25, below its limit of 0.5"),
        (",2,2.5", ",2,cheap", "'price' is 'cheap' in row 1, which is no float64"),
        ("2020-01-02", "02.01.2020", "'day' is '02.01.2020' in row 1, which is no datetime64"),
        ("2020-01-02", "2021-01-02", "'day' is 2021-01-02 00:00:00, above its limit"),
        ("2020-01-02", "", "'day' has 1 missing values"),
        ("False", "maybe", "'ok' is 'maybe' in row 1, which is no bool"),
        ("False", "", "'ok' has a missing value in row 1"),
        (",y,", ",z,", "'kind' has the unknown value 'z'"),
        (",y,", ",,", "'kind' has 1 missing values"),
        ("a2", "a1", "'id' must be unique and repeats 'a1'"),
        ("a2", "", "'id' has 1 missing values"),
        ("a2,y,2,2.5,2020-01-02,False\n", "", "there are 1 rows instead of 2"),
        (None, "", "cannot be read as a table"),
    ],
)
def test_a_changed_schema_names_the_column_and_the_value(toy, old, new, words):
    toy.with_csv(toy.csv.replace(old, new) if old else "")
    with pytest.raises(SchemaError, match=words) as raised:
        data.load("toy")
    assert "\n" not in str(raised.value)
    assert "mlsd data verify toy" in str(raised.value)
    with pytest.raises(SchemaError, match=words):
        data.verify("toy")


def test_a_row_with_too_many_fields_is_one_sentence(toy):
    toy.with_csv(toy.csv + "a3,x,1,1,2020-01-01,True,1,2\n")
    with pytest.raises(SchemaError, match="cannot be read as a table") as raised:
        data.load("toy")
    assert "\n" not in str(raised.value)


def test_a_value_that_only_looks_missing_is_kept_as_text(toy):
    toy.with_csv(toy.csv.replace("a2", "NA").replace("a1", " "))
    assert data.load("toy")["id"].tolist() == [" ", "NA"]


def test_nullable_integers_and_free_categories(toy):
    kinds = toy.types.replace('"int64"', '"Int64", nullable = true').replace(
        ', values = ["x", "y"]', ""
    )
    toy.with_csv(toy.csv.replace(",2,2.5", ",,2.5"), schema=kinds)
    table = data.load("toy")
    assert str(table["n"].dtype) == "Int64"
    assert table["n"].isna().tolist() == [False, True]
    assert sorted(table["kind"].cat.categories) == ["x", "y"]


def test_reader_options_are_used(toy):
    toy.with_csv(toy.csv.replace(",", "|"), schema=toy.types + '\n[reader]\nsep = "|"\n')
    assert len(data.load("toy")) == 2


@pytest.mark.parametrize("damage", [None, "changed", "missing"])
def test_a_file_committed_beside_its_datasheet(toy, damage):
    packed = gzip.compress(toy.csv.encode(), mtime=0)
    sheet = toy.sheet(
        name="green",
        text=f'{toy.head}file = "green.csv.gz"\nsha256 = "{toy.digest(packed)}"\n'
        f"[schema]{toy.types}",
    )
    beside = sheet.parent / "green.csv.gz"
    if damage is None:
        beside.write_bytes(packed)
        assert data.datasheet("green").committed
        assert data.fetch("green") == beside
        assert len(data.load("green")) == 2
        assert data.is_cached("green")
        data.verify("green")
        assert not toy.cache.exists()
        return
    if damage == "changed":
        beside.write_bytes(packed[:-1])
    words = "is missing" if damage == "missing" else "is not the file"
    with pytest.raises(WrongHashError, match=f"{words}.*restore it from the repository"):
        data.load("green")


@pytest.fixture
def simulated(toy, tmp_path, monkeypatch):
    (tmp_path / "toy_simulator.py").write_text(
        "import numpy as np, pandas as pd\n"
        "def table(*, seed, rows=3):\n"
        "    return pd.DataFrame({'x': np.random.default_rng(seed).random(rows)})\n"
        "def wrong(*, seed):\n"
        "    return [1]\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "toy_simulator", raising=False)
    toy.sheet(name="sim", text=f'{SIMULATED}x = {{ dtype = "float64", min = 0, max = 1 }}\n')
    yield toy
    sys.modules.pop("toy_simulator", None)


def test_a_simulator_is_a_data_set_with_a_seed(simulated):
    first = data.load("sim", seed=7)
    pd.testing.assert_frame_equal(first, data.load("sim", seed=7))
    assert not first.equals(data.load("sim", seed=8))
    pd.testing.assert_frame_equal(data.load("sim"), data.load("sim", seed=0))
    assert len(data.load("sim", rows=10)) == 10
    assert data.is_cached("sim")
    assert data.fetch("sim").name == "datasheet.toml"
    data.verify("sim")
    with pytest.raises(SimulatorError, match="has no file"):
        data.path("sim")


def test_a_simulators_table_is_checked_like_any_other(simulated):
    simulated.sheet(name="sim", text=f'{SIMULATED}x = {{ dtype = "float64", max = 0 }}\n')
    with pytest.raises(SchemaError, match="above its limit of 0"):
        data.load("sim")
    simulated.sheet(name="sim", text=f'{SIMULATED}x = {{ dtype = "int64" }}\n')
    with pytest.raises(SchemaError, match="of type float64 instead of int64"):
        data.load("sim")
    text = SIMULATED.replace("rows = 3", "rows = 4")
    simulated.sheet(name="sim", text=f'{text}x = {{ dtype = "float64" }}\n')
    with pytest.raises(SchemaError, match="3 rows instead of 4"):
        data.load("sim")
    assert len(data.load("sim", seed=1)) == 3


@pytest.mark.parametrize("where", ["no_such_module:table", "toy_simulator:no_such_function"])
def test_a_simulator_that_does_not_exist(simulated, where):
    text = SIMULATED.replace("toy_simulator:table", where)
    simulated.sheet(name="sim", text=f'{text}x = {{ dtype = "float64" }}\n')
    with pytest.raises(SimulatorError, match=f"no simulator {where}"):
        data.load("sim")


def test_a_simulator_must_return_a_table(simulated):
    text = SIMULATED.replace(":table", ":wrong")
    simulated.sheet(name="sim", text=f'{text}x = {{ dtype = "float64" }}\n')
    with pytest.raises(SchemaError, match="must return a DataFrame"):
        data.load("sim")


def test_a_seed_for_data_that_are_not_simulated(toy):
    with pytest.raises(SimulatorError, match=r"without seed, rows\."):
        data.load("toy", seed=0, rows=3)


def test_importing_the_package_is_light():
    code = (
        "import sys, mlsd_kit.data; heavy = {'pandas', 'numpy', 'sklearn'} & set(sys.modules);"
        "sys.exit(', '.join(heavy) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


# The real data: fetched where they are not cached.


@pytest.mark.parametrize("name", ["bakery", "cdnow", "telco"])
def test_the_real_data_fit_their_datasheets(name):
    table = data.load(name)
    sheet = data.datasheet(name)
    assert table.shape == (sheet.rows, sheet.columns)
    assert sheet.traps
    data.verify(name)


def test_telco_facts():
    table = data.load("telco")
    blank = table["TotalCharges"].str.strip() == ""
    assert str(table["TotalCharges"].dtype) == "str"
    assert table.loc[blank, "TotalCharges"].tolist() == [" "] * 11
    assert set(table.loc[blank, "tenure"]) == {0}
    assert (table["Churn"] == "Yes").sum() == 1869


def test_cdnow_facts():
    table = data.load("cdnow")
    assert table["id"].nunique() == 23_570
    assert table["id"].iloc[0] == "00001"
    assert table.groupby("id")["date"].min().max() == pd.Timestamp("1997-03-25")
    assert table.duplicated(["id", "date"]).sum() == 2068
    assert table.duplicated().sum() == 255
    assert (table["usd"] == 0).sum() == 80


def test_bakery_facts():
    table = data.load("bakery")
    series = table.groupby(["shop_no", "product_no"])
    assert set(series.size()) == {1215}
    assert len(series) == 105
    assert (table["demand"] == 0).sum() == 15_399
    lagged = series["promotion_currentweek"].shift(7)
    assert (lagged.dropna() == table.loc[lagged.notna(), "promotion_lastweek"]).all()
    assert (table["date_short"].dt.day_of_week == table["weekday"]).all()


def test_a_checked_table_passes_and_a_column_of_another_type_does_not():
    table = data.load("telco")
    schema.check(data.datasheet("telco"), table)
    with pytest.raises(SchemaError, match="'tenure' is of type float64"):
        schema.check(data.datasheet("telco"), table.astype({"tenure": float}))

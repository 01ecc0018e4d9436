"""A simulated data set is the same on every processor: all that is drawn later hangs on it."""

import json
import os
import subprocess
import sys

import pandas as pd
import pytest

from mlsd_kit.curriculum.run.portability import settings
from mlsd_kit.data.simulators.card_transactions import card_transactions
from mlsd_kit.data.simulators.listeners import listeners
from mlsd_kit.data.simulators.listening import listening
from mlsd_kit.data.simulators.network_flows import simulate

OLD = [each for each in settings() if each.name.startswith("no AVX")]


def worlds() -> dict[str, list[int]]:
    """Of each small data set its number of rows and a sum over all its values."""
    drawn = {
        "payments": card_transactions(0, customers=200, terminals=400, days=60),
        "accounts": listeners(0, users=300),
        "events": listening(0, users=300),
        "flows": simulate(seed=0, days=16, sessions=6.0, events=2, new_service_day=10),
    }
    sums = {name: pd.util.hash_pandas_object(table).sum() for name, table in drawn.items()}
    return {name: [len(drawn[name]), int(sums[name])] for name in drawn}


@pytest.fixture(scope="module")
def here():
    return worlds()


@pytest.mark.skipif(not OLD, reason="no older processor can be imitated on this one")
@pytest.mark.parametrize("setting", OLD, ids=[each.folder for each in OLD])
def test_an_older_processor_draws_the_same(here, setting):
    done = subprocess.run(
        [sys.executable, __file__],
        env={**os.environ, **setting.environment},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == here


if __name__ == "__main__":
    print(json.dumps(worlds()))

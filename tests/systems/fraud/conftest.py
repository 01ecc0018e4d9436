"""A small world of payments, its features, and two tiny models in ONNX."""

import numpy as np
import pytest

from mlsd_kit.data.simulators.card_transactions import card_transactions
from mlsd_kit.systems.fraud.features import features
from mlsd_kit.systems.fraud.names import FEATURES, OWN


@pytest.fixture(scope="session")
def payments():
    return card_transactions(seed=1, customers=200, terminals=200, days=60, radius=15)


@pytest.fixture(scope="session")
def offline(payments):
    return features(payments)


@pytest.fixture(scope="session")
def models(payments, offline, tmp_path_factory):
    """Files of a champion on 15 features and a fallback on the first three."""
    from lightgbm import LGBMClassifier
    from onnxmltools import convert_lightgbm
    from onnxmltools.convert.common.data_types import FloatTensorType

    folder, files = tmp_path_factory.mktemp("models"), {}
    for name, width in (("champion", len(FEATURES)), ("fallback", OWN)):
        rows = offline.to_numpy(np.float32)[:, :width]
        model = LGBMClassifier(n_estimators=5, n_jobs=1, verbose=-1).fit(rows, payments["fraud"])
        shape = [("x", FloatTensorType([None, width]))]
        graph = convert_lightgbm(model, initial_types=shape, zipmap=False, target_opset=15)
        files[name] = folder / f"{name}.onnx"
        files[name].write_bytes(graph.SerializeToString())
    return files

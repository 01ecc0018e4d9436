"""Vectors: of length one, near for like texts, and encoded once."""

from __future__ import annotations

import numpy as np
import onnxruntime
import pytest

from mlsd_kit import data
from mlsd_kit.systems.web_search import embedding
from mlsd_kit.systems.web_search.embedding import (
    GRID,
    SentenceEncoder,
    cached_vectors,
    onnx_session,
    run_onnx,
)

TEXTS = [
    "semantic web",
    "a long text about many things " * 4,
    "x",
    "",
    "knowledge graphs and question answering",
    "musique française",
]


@pytest.fixture(scope="module")
def minilm():
    return SentenceEncoder(max_tokens=16)


def raw(texts, max_tokens=16, **settings):
    """Vectors of ONNX Runtime before they are rounded."""
    encoder = SentenceEncoder(max_tokens=max_tokens, bits=32)
    session = onnx_session(data.path("minilm_model"), **settings)
    return run_onnx(session, [one.ids for one in encoder._tokenizer.encode_batch(texts)])


def test_meaning_is_nearer_than_words(minilm):
    car, auto, bank = minilm.encode(["fast car", "speedy automobile", "river bank"])
    assert car @ auto > 0.6 > car @ bank


@pytest.mark.parametrize("bits", [64, 32])
def test_a_vector_depends_on_its_text_alone(bits):
    encoder = SentenceEncoder(max_tokens=16, bits=bits)
    vectors = encoder.encode(TEXTS)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=2e-3)
    for text, vector in zip(TEXTS, vectors, strict=True):
        np.testing.assert_allclose(encoder.encode([text])[0], vector, atol=1.5 / GRID)


def test_64_bits_are_the_graph_that_onnx_runtime_runs():
    encoder = SentenceEncoder(max_tokens=16)
    ids = [one.ids for one in encoder._tokenizer.encode_batch(TEXTS)]
    np.testing.assert_allclose(encoder._in_64_bits(ids), raw(TEXTS), atol=2e-6)


def test_64_bits_give_the_same_on_one_thread_and_on_two(minilm):
    both = SentenceEncoder(max_tokens=16, threads=2)
    texts = [f"{text} {number}" for number in range(30) for text in TEXTS]
    np.testing.assert_array_equal(minilm.encode(texts), both.encode(texts))


@pytest.mark.parametrize("level", ["ORT_DISABLE_ALL", "ORT_ENABLE_BASIC", "ORT_ENABLE_ALL"])
@pytest.mark.parametrize("threads", [1, 2])
def test_vectors_hardly_depend_on_the_settings_of_onnx_runtime(level, threads):
    chosen = getattr(onnxruntime.GraphOptimizationLevel, level)
    found = raw(TEXTS, threads=threads, graph_optimization_level=chosen)
    np.testing.assert_allclose(found, raw(TEXTS), atol=1e-4)


def test_inner_products_do_not_depend_on_the_order_of_summation(minilm):
    vectors, rng = minilm.encode(TEXTS), np.random.default_rng(0)
    exact = vectors.astype(float) @ vectors.T.astype(float)
    for _ in range(20):
        order = rng.permutation(384)
        found = vectors[:, order] @ vectors[:, order].T
        np.testing.assert_array_equal(found, exact)
        one_by_one = np.cumsum(vectors[0, order] * vectors[1, order], dtype=np.float32)[-1]
        assert one_by_one == exact[0, 1]


def test_bits_are_32_or_64():
    with pytest.raises(ValueError, match="32 or 64"):
        SentenceEncoder(bits=16)


def test_nothing_to_encode(minilm):
    assert minilm.encode([]).shape == (0, 384)


def test_long_texts_are_cut(minilm):
    start = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen"
    first, second = minilm.encode([f"{start} cats", f"{start} economics"])
    np.testing.assert_allclose(first, second)


def test_the_fingerprint_knows_length_and_bits(minilm):
    assert minilm.fingerprint() == SentenceEncoder(max_tokens=16).fingerprint()
    assert minilm.fingerprint() != SentenceEncoder(max_tokens=17).fingerprint()
    assert minilm.fingerprint() != SentenceEncoder(max_tokens=16, bits=32).fingerprint()


class Counting:
    """An encoder that counts."""

    def __init__(self, version="1"):
        self.calls, self.version = 0, version

    def fingerprint(self):
        return self.version

    def encode(self, texts):
        self.calls += 1
        return np.full((len(texts), 384), len(texts), dtype=np.float32)


def test_the_second_time_comes_from_the_cache(tmp_path):
    encoder = Counting()
    first = cached_vectors(encoder, ["a", "b"], folder=tmp_path)
    second = cached_vectors(encoder, ["a", "b"], folder=tmp_path)
    assert encoder.calls == 1
    np.testing.assert_array_equal(first, second)
    assert [file.suffix for file in tmp_path.iterdir()] == [".npy"]


@pytest.mark.parametrize("texts", [["b", "a"], ["ab"], ["a", "b", ""], ["a"]])
def test_other_texts_are_encoded_anew(tmp_path, texts):
    encoder = Counting()
    cached_vectors(encoder, ["a", "b"], folder=tmp_path)
    cached_vectors(encoder, texts, folder=tmp_path)
    assert encoder.calls == 2


def test_another_model_encodes_anew(tmp_path):
    cached_vectors(Counting("1"), ["a"], folder=tmp_path)
    other = Counting("2")
    cached_vectors(other, ["a"], folder=tmp_path)
    assert other.calls == 1


@pytest.mark.parametrize("damage", [b"", b"half a fi", b"\x93NUMPY\x01\x00"])
def test_a_damaged_cache_is_replaced(tmp_path, damage):
    encoder = Counting()
    cached_vectors(encoder, ["a"], folder=tmp_path)
    (file,) = tmp_path.iterdir()
    file.write_bytes(damage)
    np.testing.assert_array_equal(
        cached_vectors(encoder, ["a"], folder=tmp_path), np.ones((1, 384))
    )
    assert encoder.calls == 2
    cached_vectors(encoder, ["a"], folder=tmp_path)
    assert encoder.calls == 2


def test_a_cache_that_cannot_be_written_costs_time_only(tmp_path):
    (tmp_path / "file").write_text("")
    encoder = Counting()
    assert cached_vectors(encoder, ["a"], folder=tmp_path / "file" / "below").shape == (1, 384)


def test_an_interrupted_save_leaves_no_half_file(tmp_path, monkeypatch):
    def broken(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(embedding.np, "save", broken)
    with pytest.raises(KeyboardInterrupt):
        cached_vectors(Counting(), ["a"], folder=tmp_path)
    assert list(tmp_path.iterdir()) == []

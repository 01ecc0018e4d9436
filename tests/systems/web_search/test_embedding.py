"""Vectors: of length one, near for like texts, and encoded once."""

from __future__ import annotations

import numpy as np
import pytest

from mlsd_kit.systems.web_search import embedding
from mlsd_kit.systems.web_search.embedding import SentenceEncoder, cached_vectors


@pytest.fixture(scope="module")
def minilm():
    return SentenceEncoder(max_tokens=16)


def test_meaning_is_nearer_than_words(minilm):
    car, auto, bank = minilm.encode(["fast car", "speedy automobile", "river bank"])
    assert car @ auto > 0.6 > car @ bank


def test_vectors_have_length_one_in_the_order_of_the_texts(minilm):
    texts = ["a long text about many things " * 4, "x", "", "two words"]
    vectors = minilm.encode(texts)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, rtol=1e-5)
    for text, vector in zip(texts, vectors, strict=True):
        assert minilm.encode([text])[0] @ vector > 0.97  # activations are quantised per batch


def test_nothing_to_encode(minilm):
    assert minilm.encode([]).shape == (0, 384)


def test_long_texts_are_cut(minilm):
    start = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen"
    first, second = minilm.encode([f"{start} cats", f"{start} economics"])
    np.testing.assert_allclose(first, second)


def test_the_fingerprint_knows_the_length(minilm):
    assert minilm.fingerprint() == SentenceEncoder(max_tokens=16).fingerprint()
    assert minilm.fingerprint() != SentenceEncoder(max_tokens=17).fingerprint()


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

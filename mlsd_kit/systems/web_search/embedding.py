"""Texts as vectors: MiniLM on one thread, and a cache so that a text is encoded once."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mlsd_kit import data, paths

BATCH = 32  # texts of like length together: little padding, and matrices that fit the cache


class SentenceEncoder:
    """all-MiniLM-L6-v2 with 8-bit weights, on ONNX Runtime.

    Parameters
    ----------
    max_tokens : int, default=64
        Longer texts are cut: time grows with every token, meaning mostly lies in the first.
    threads : int, default=1
        One is the stable choice where a service shares its cores.

    Examples
    --------
    >>> SentenceEncoder().encode(["a red fox", "a grey goose"]).shape
    (2, 384)
    """

    def __init__(self, *, max_tokens: int = 64, threads: int = 1) -> None:
        import onnxruntime
        from tokenizers import Tokenizer

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
        options.log_severity_level = 3
        self.max_tokens = max_tokens
        self._files = (data.path("minilm_model"), data.path("minilm_tokenizer"))
        model, tokenizer = self._files
        self._session = onnxruntime.InferenceSession(
            model, options, providers=["CPUExecutionProvider"]
        )
        self._tokenizer = Tokenizer.from_file(str(tokenizer))
        self._tokenizer.enable_truncation(max_tokens)
        self._tokenizer.no_padding()  # its file pads to 128: a query of 3 words would cost 128

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """One vector of length 1 for each text.

        Returns
        -------
        ndarray of shape (n_texts, 384)
        """
        encoded = self._tokenizer.encode_batch(list(texts))
        order = np.argsort([len(one.ids) for one in encoded], kind="stable")
        vectors = np.empty((len(encoded), 384), dtype=np.float32)
        for first in range(0, len(order), BATCH):
            rows = order[first : first + BATCH]
            vectors[rows] = self._batch([encoded[row].ids for row in rows])
        return vectors

    def fingerprint(self) -> str:
        """What the vectors depend on besides the texts, as a hash."""
        digests = [hashlib.sha256(file.read_bytes()).hexdigest() for file in self._files]
        return hashlib.sha256(f"{digests} {self.max_tokens} {BATCH}".encode()).hexdigest()

    def _batch(self, ids: list[list[int]]) -> NDArray[np.float32]:
        padded = np.zeros((len(ids), max(map(len, ids))), dtype=np.int64)
        mask = np.zeros_like(padded)
        for row, tokens in enumerate(ids):
            padded[row, : len(tokens)] = tokens
            mask[row, : len(tokens)] = 1
        feed = {"input_ids": padded, "attention_mask": mask, "token_type_ids": padded * 0}
        (states,) = self._session.run(None, feed)  # (texts, tokens, 384)
        mean = (states * mask[:, :, None]).sum(axis=1) / mask.sum(axis=1, keepdims=True)
        return mean / np.linalg.norm(mean, axis=1, keepdims=True)


def cached_vectors(
    encoder: SentenceEncoder, texts: Sequence[str], *, folder: Path | None = None
) -> NDArray[np.float32]:
    """The texts' vectors, from the cache if these texts were encoded before by this model.

    Parameters
    ----------
    encoder : SentenceEncoder
    texts : sequence of str
    folder : Path, default=None
        None is a folder of the data cache.

    Returns
    -------
    ndarray of shape (n_texts, 384)
    """
    folder = paths.data_cache() / "minilm_vectors" if folder is None else folder
    key = hashlib.sha256(encoder.fingerprint().encode())
    for text in texts:
        coded = text.encode()
        key.update(len(coded).to_bytes(8, "big") + coded)
    file = folder / f"{key.hexdigest()}.npy"
    try:
        kept = np.load(file, allow_pickle=False)
        if kept.ndim == 2 and len(kept) == len(texts):
            return kept
    except (OSError, ValueError, EOFError):
        pass  # not here, or damaged: encode again
    vectors = encoder.encode(texts)
    _save(file, vectors)
    return vectors


def _save(file: Path, vectors: NDArray[np.float32]) -> None:
    """By atomic rename; a cache that cannot be written costs time, not the result."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=file.parent, suffix=".part")
        try:
            with os.fdopen(handle, "wb") as opened:
                np.save(opened, vectors, allow_pickle=False)
            Path(temporary).replace(file)
        finally:
            Path(temporary).unlink(missing_ok=True)
    except OSError:
        return

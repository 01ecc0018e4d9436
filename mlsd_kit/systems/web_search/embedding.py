"""Texts as vectors: MiniLM in 64 or 32 bits, and a cache so that a text is encoded once."""

from __future__ import annotations

import functools
import hashlib
import os
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlsd_kit import data, paths
from mlsd_kit.systems.web_search.minilm import MiniLM

BATCH = 32  # texts of like length together: little padding, and matrices that fit the cache
TOKENS = 512  # of a batch in 64 bits, where all texts of a batch are of one length
GRID = 2048  # steps from 0 to 1 of a vector's numbers


class SentenceEncoder:
    """all-MiniLM-L6-v2 with 8-bit weights: vectors that are the same on every processor.

    In 64 bits (`MiniLM`) rounding errors lie nine digits below the last that is kept: vectors are
    rounded to multiples of 1/2048, half of a per cent of a typical number. Products of two such
    numbers are multiples of 2^-22, so that 32 bits hold every partial sum of an inner product
    exactly: whatever its order, on any processor, by any library, the result is the same.

    In 32 bits (ONNX Runtime) a few numbers in ten thousand land on the next multiple, and a query
    takes less than half of the time: for a service, which prints nothing.

    Parameters
    ----------
    max_tokens : int, default=64
        Longer texts are cut: time grows with every token, meaning mostly lies in the first.
    threads : int, default=1
        One is the stable choice where a service shares its cores.
    bits : {64, 32}, default=64

    Examples
    --------
    >>> vectors = SentenceEncoder(bits=32).encode(["a red fox", "a grey goose"])
    >>> vectors.shape, bool((vectors * GRID == np.round(vectors * GRID)).all())
    ((2, 384), True)
    """

    def __init__(self, *, max_tokens: int = 64, threads: int = 1, bits: int = 64) -> None:
        from tokenizers import Tokenizer

        if bits not in (32, 64):
            raise ValueError(f"bits is 32 or 64, got {bits!r}.")
        self.max_tokens, self.threads, self.bits = max_tokens, threads, bits
        self._files = (data.path("minilm_model"), data.path("minilm_tokenizer"))
        self._tokenizer = Tokenizer.from_file(str(self._files[1]))
        self._tokenizer.enable_truncation(max_tokens)
        self._tokenizer.no_padding()  # its file pads to 128: a query of 3 words would cost 128

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """One vector of length 1, but for rounding, for each text.

        Returns
        -------
        ndarray of shape (n_texts, 384)
            Multiples of 1/2048.
        """
        ids = [one.ids for one in self._tokenizer.encode_batch(list(texts))]
        vectors: NDArray[Any] = (self._in_64_bits if self.bits == 64 else self._in_32_bits)(ids)
        return (np.round(vectors * GRID) / GRID).astype(np.float32)

    def fingerprint(self) -> str:
        """What the vectors depend on besides the texts, as a hash."""
        digests = [hashlib.sha256(file.read_bytes()).hexdigest() for file in self._files]
        form = (self.max_tokens, self.bits, GRID, BATCH if self.bits == 32 else None)
        return hashlib.sha256(f"{digests} {form}".encode()).hexdigest()

    @functools.cached_property
    def _model(self) -> MiniLM:
        return MiniLM(self._files[0])  # read when a text comes: the cache may have them all

    @functools.cached_property
    def _session(self) -> Any:
        return onnx_session(self._files[0], self.threads)

    def _in_64_bits(self, ids: list[list[int]]) -> NDArray[np.float64]:
        vectors = np.empty((len(ids), 384))
        by_length = defaultdict(list)
        for row, tokens in enumerate(ids):
            by_length[len(tokens)].append(row)
        batches = [
            rows[first : first + max(1, TOKENS // length)]
            for length, rows in by_length.items()
            for first in range(0, len(rows), max(1, TOKENS // length))
        ]

        def fill(rows: list[int]) -> None:
            vectors[rows] = self._model.encode(np.array([ids[row] for row in rows]))

        if batches:
            fill(batches[0])  # alone, for it loads the model
        with ThreadPoolExecutor(self.threads) as pool:
            list(pool.map(fill, batches[1:]))
        return vectors

    def _in_32_bits(self, ids: list[list[int]]) -> NDArray[np.float32]:
        vectors = np.empty((len(ids), 384), dtype=np.float32)
        order = np.argsort([len(tokens) for tokens in ids], kind="stable")
        for first in range(0, len(order), BATCH):
            rows = order[first : first + BATCH]
            vectors[rows] = run_onnx(self._session, [ids[row] for row in rows])
        return vectors


def onnx_session(model: Path, threads: int = 1, **settings: Any) -> Any:
    """ONNX Runtime over the model's file.

    Parameters
    ----------
    model : Path
    threads : int, default=1
    **settings
        Attributes of `onnxruntime.SessionOptions`.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    options.log_severity_level = 3
    for name, value in settings.items():
        setattr(options, name, value)
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def run_onnx(session: Any, ids: list[list[int]]) -> NDArray[np.float32]:
    """Vectors of length 1 for texts of any lengths, padded to the longest."""
    padded = np.zeros((len(ids), max(map(len, ids))), dtype=np.int64)
    mask = np.zeros_like(padded)
    for row, tokens in enumerate(ids):
        padded[row, : len(tokens)] = tokens
        mask[row, : len(tokens)] = 1
    feed = {"input_ids": padded, "attention_mask": mask, "token_type_ids": padded * 0}
    (states,) = session.run(None, feed)  # (texts, tokens, 384)
    mean = (states * mask[:, :, None]).sum(axis=1) / mask.sum(axis=1, keepdims=True)
    return (mean / np.linalg.norm(mean, axis=1, keepdims=True)).astype(np.float32)


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

"""The search engine as a web service: JSON for machines, a page for people."""

from __future__ import annotations

from time import perf_counter
from typing import Any

from mlsd_kit.search import Result, results_page
from mlsd_kit.systems.web_search.funnel import Answer, Funnel, Widths
from mlsd_kit.systems.web_search.loading import load_funnel


def make_app(folder: str | None = None, *, funnel: Funnel | None = None) -> Any:
    """The ASGI app: ``GET /search`` and ``GET /page``.

    Parameters
    ----------
    folder : str or None
        Where the trained ranker lies; None serves the fused order.
    funnel : Funnel or None
        A funnel that is already built, in place of loading one.

    Returns
    -------
    FastAPI
    """
    from fastapi import FastAPI, Query
    from fastapi.responses import HTMLResponse

    engine = funnel or load_funnel(folder)
    app = FastAPI()
    engine.search("warm up")

    # plain functions: FastAPI runs them in threads, where faiss and ONNX Runtime free the lock
    @app.get("/search")
    def search(
        q: str = Query(min_length=1, max_length=300),
        retrieve: int = Query(200, ge=1, le=1000),
        rank: int = Query(100, ge=1, le=1000),
        show: int = Query(10, ge=1, le=100),
    ) -> dict[str, Any]:
        start = perf_counter()
        answer = engine.search(q, Widths(retrieve, rank, show))
        return {
            "documents": answer.documents,
            "corrected": answer.corrected,
            "seconds": answer.seconds,
            "total": perf_counter() - start,
        }

    @app.get("/page", response_class=HTMLResponse)
    def page(q: str = Query(min_length=1, max_length=300)) -> str:
        return answer_page(engine, engine.search(q))

    return app


def answer_page(funnel: Funnel, answer: Answer, *, note: str = "") -> str:
    """The results page of an answer."""
    rows = funnel.collection.documents.iloc[answer.documents]
    results = [
        Result(
            title=row["title"],
            address=row["document"],
            text=" ".join(f"{row['comment']} {row['arxiv_summary']}".split()),
            date=f"{row['creationDate']:%Y-%m-%d}",
        )
        for row in rows.to_dict("records")
    ]
    return results_page(answer.query, results, corrected=answer.corrected, note=note)

"""Talking to an object store: signed requests, and the settings that lake libraries take."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, quote, unquote

import httpx

REGION = "us-east-1"
UNRESERVED = "-_.~"


def client(address: str, *, timeout: float = 30.0, **more: Any) -> httpx.Client:
    """An HTTP client whose paths are keys of the store's bucket, and whose requests are signed.

    Parameters
    ----------
    address : str
        As `object_store` yields it: ``"http://KEY:SECRET@HOST:PORT/BUCKET"``; without a key,
        requests are not signed.
    timeout : float, default=30
        Seconds for each step of a request.
    **more
        For `httpx.Client`.

    Examples
    --------
    >>> with client("http://key:secret@127.0.0.1:1/lake") as store:
    ...     str(store.build_request("GET", "a/b.csv").url)
    'http://127.0.0.1:1/lake/a/b.csv'
    """
    url = httpx.URL(address)
    auth = Signature(url.username, url.password) if url.username else None
    plain = url.copy_with(username=None, password=None)
    return httpx.Client(base_url=plain, auth=auth, timeout=timeout, **more)


def bucket(address: str) -> str:
    """The bucket in a store's address.

    >>> bucket("http://key:secret@127.0.0.1:1/lake")
    'lake'
    """
    return httpx.URL(address).path.strip("/").split("/")[0]


def storage_options(address: str) -> dict[str, str]:
    """The settings that deltalake and other libraries over S3 take; tables are ``s3://BUCKET/...``.

    With them, a table's commits are put-if-absent: two writers cannot both write version 7.

    >>> storage_options("http://127.0.0.1:1/lake")["aws_endpoint_url"]
    'http://127.0.0.1:1'
    """
    url = httpx.URL(address)
    found = {
        "aws_endpoint_url": f"{url.scheme}://{url.netloc.decode()}",
        "aws_region": REGION,
        "aws_allow_http": "true",
        "aws_conditional_put": "etag",
    }
    if url.username:
        found |= {"aws_access_key_id": url.username, "aws_secret_access_key": url.password}
    else:
        found["aws_skip_signature"] = "true"
    return found


class Signature(httpx.Auth):
    """Signs requests as S3 asks for it (AWS signature version 4).

    Parameters
    ----------
    key : str
        The name of the key.
    secret : str
        The key itself, which is never sent.
    """

    requires_request_body = True

    def __init__(self, key: str, secret: str) -> None:
        self._key, self._secret = key, secret

    def auth_flow(self, request: httpx.Request) -> Iterator[httpx.Request]:  # type: ignore[override]
        """Add the signature to one request."""
        now = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
        headers = {
            "host": request.headers["host"],
            "x-amz-content-sha256": hashlib.sha256(request.content).hexdigest(),
            "x-amz-date": now,
        }
        request.headers.update(headers)
        path, _, query = request.url.raw_path.decode().partition("?")
        pairs = sorted(
            (quote(name, safe=UNRESERVED), quote(value, safe=UNRESERVED))
            for name, value in parse_qsl(query, keep_blank_values=True)
        )
        signed = ";".join(headers)
        canonical = [
            request.method,
            quote(unquote(path), safe=f"/{UNRESERVED}"),
            "&".join(f"{name}={value}" for name, value in pairs),
            *(f"{name}:{value}" for name, value in headers.items()),
            "",
            signed,
            headers["x-amz-content-sha256"],
        ]
        scope = f"{now[:8]}/{REGION}/s3/aws4_request"
        digest = hashlib.sha256("\n".join(canonical).encode()).hexdigest()
        chain = f"AWS4{self._secret}".encode()
        for part in scope.split("/"):
            chain = _sign(chain, part)
        signature = _sign(chain, f"AWS4-HMAC-SHA256\n{now}\n{scope}\n{digest}").hex()
        request.headers["authorization"] = (
            f"AWS4-HMAC-SHA256 Credential={self._key}/{scope}, SignedHeaders={signed}, "
            f"Signature={signature}"
        )
        yield request


def _sign(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()

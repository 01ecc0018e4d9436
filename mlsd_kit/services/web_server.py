"""A web server for a folder of files, as a context manager."""

from __future__ import annotations

import contextlib
import http.client
import json
import math
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mlsd_kit.services.address import Address
from mlsd_kit.services.errors import ServiceError
from mlsd_kit.services.ports import HOST, listening
from mlsd_kit.services.process import Process, new_folder, supervised
from mlsd_kit.services.programs import programs

ENVIRONMENT = "MLSD_WEB_URL"


@dataclass(frozen=True)
class Request:
    """One line of the server's log."""

    time: float
    """Seconds since 1970, when it was answered."""
    method: str
    path: str
    """With its query, as the client sent it."""
    status: int
    bytes: int
    """Of the answer's body."""
    agent: str
    """What the client calls itself."""


@contextlib.contextmanager
def web_server(
    folder: str | Path,
    *,
    rate: float | None = None,
    burst: int = 0,
    port: int | None = None,
    timeout: float = 20.0,
) -> Iterator[WebServer]:
    """A real web server (nginx) that serves a folder while the block runs.

    It answers with entity tags and times of change (so with 304 where nothing changed), and with
    parts of a file where a range is asked for. A file that changes is served as it is.

    Parameters
    ----------
    folder : str or Path
        Its files are the site; ``index.html`` answers for a folder.
    rate : float, default=None
        Requests a second that one client's address may send (all of this machine are one); None
        sets no limit.
    burst : int, default=0
        Requests above the rate that are served at once before 429 is answered.
    port : int, default=None
        None takes a free one.
    timeout : float, default=20
        Seconds until it must answer.

    Yields
    ------
    WebServer
        ``"http://127.0.0.1:PORT"``, with its `process` and its log, `requests()`. A restart keeps
        the port and the log. If ``$MLSD_WEB_URL`` is set, that is yielded and nothing is started.

    Raises
    ------
    ServiceError
        If there is no such folder, the rate is too low, the port is in use, the program is
        missing, or it does not answer in time.

    Notes
    -----
    A 429 comes with ``Retry-After``, in whole seconds. The server counts from one request to the
    next: at 10 a second and no burst, the second of two requests within 100 ms is refused.

    Examples
    --------
    >>> import httpx, tempfile
    >>> with tempfile.TemporaryDirectory() as site:
    ...     _ = Path(site, "robots.txt").write_text("User-agent: *")
    ...     with web_server(site) as url:
    ...         part = httpx.get(f"{url}/robots.txt", headers={"Range": "bytes=0-3"})
    ...         log = url.requests()
    >>> part.status_code, part.text, log[0].path
    (206, 'User', '/robots.txt')
    """
    own = os.environ.get(ENVIRONMENT)
    if own:
        yield WebServer(own.rstrip("/"))
        return
    site = Path(folder).resolve()
    if not site.is_dir():
        raise ServiceError(f"there is no folder {site} to serve: make it, or correct the path.")
    if rate is not None and round(60 * rate) < 1:
        raise ServiceError(f"the rate {rate:g} is less than one request a minute: give more.")
    with listening(lambda at: _nginx(site, rate, burst, at, timeout), port) as (at, child):
        yield WebServer(f"http://{HOST}:{at}", child)


class WebServer(Address):
    """A web server's address, which also knows what was asked there."""

    def requests(self) -> list[Request]:
        """Every request that was answered since the start, in order; also if it has died since.

        Raises
        ------
        ServiceError
            If it is a server of the user's own, whose log is elsewhere.
        """
        if self.process is None:
            raise ServiceError(f"{self} is a server of your own: read its log where it keeps it.")
        _wait_for_the_log(self)
        lines = (self.process.folder / LOG).read_text(errors="replace").splitlines()
        return [Request(**json.loads(line)) for line in lines]


def _wait_for_the_log(url: str) -> None:
    """See that what was answered is written: that is done after the answer, before the next one."""
    link = http.client.HTTPConnection(url.removeprefix("http://"), timeout=10)
    with contextlib.closing(link), contextlib.suppress(OSError, http.client.HTTPException):
        link.request("GET", NOT_LOGGED)
        link.getresponse().read()


LOG = "access.log"
NOT_LOGGED = "/.answered"
CONFIGURATION = """\
daemon off;
master_process off;
pid nginx.pid;
events {{ worker_connections 4000; }}
http {{
    log_format line escape=json '{{"time":$msec,"method":"$request_method","path":"$request_uri",'
        '"status":$status,"bytes":$body_bytes_sent,"agent":"$http_user_agent"}}';
    access_log {log} line;
    default_type application/octet-stream;
    types {{
        text/html html;  text/plain txt;  text/css css;  text/csv csv;  text/xml xml;
        text/javascript js;  application/json json;
        image/png png;  image/jpeg jpg jpeg;  image/svg+xml svg;
    }}
    charset utf-8;
    server_tokens off;
    client_header_timeout 5s;
    client_body_timeout 5s;
    {zone}
    server {{
        listen {host}:{port};
        root site;
        location = {not_logged} {{ access_log off; return 204; }}
        {limit}
    }}
}}
"""


@contextlib.contextmanager
def _nginx(
    site: Path, rate: float | None, burst: int, port: int, timeout: float
) -> Iterator[Process]:
    program = programs()["nginx"].path()
    zone = limit = ""
    if rate is not None:
        later = math.floor(1 / rate) + 1  # not on the dot: the server's clock ticks in milliseconds
        zone = f"limit_req_zone $binary_remote_addr zone=clients:1m rate={round(60 * rate)}r/m;"
        many = f"burst={burst} nodelay" if burst else ""
        limit = (
            f"limit_req zone=clients {many}; limit_req_status 429; error_page 429 = @limited;\n"
            f"        location @limited {{ add_header Retry-After {later} always; "
            "return 429; }"
        )
    folder = new_folder("web_server")
    (folder / "site").symlink_to(site)  # so that no path stands in the configuration
    text = CONFIGURATION.format(
        log=LOG, not_logged=NOT_LOGGED, host=HOST, port=port, zone=zone, limit=limit
    )
    (folder / "nginx.conf").write_text(text)
    pid = folder / "nginx.pid"
    child = Process(
        [str(program), "-e", "stderr", "-p", str(folder), "-c", "nginx.conf"],
        name="web_server",
        env=None,
        ready=lambda child: pid.exists() and pid.read_text().strip() == str(child.pid),
        timeout=timeout,
        folder=folder,
    )
    with supervised(child):
        yield child

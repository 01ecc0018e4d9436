"""What kernels are told through their environment."""

from mlsd_kit.curriculum.run.environment import THREAD_VARIABLES, kernel_environment


def test_a_kernel_depends_on_nothing_of_the_users(tmp_path, monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    monkeypatch.delenv("MKL_NUM_THREADS", raising=False)
    made = kernel_environment(str(tmp_path), tmp_path)
    assert made["MPLBACKEND"].endswith("backend_inline") and made["PYTHONHASHSEED"] == "0"
    assert made["IPYTHONDIR"].startswith(str(tmp_path))
    assert [made[name] for name in THREAD_VARIABLES][::2] == ["3", "1"]
    assert made["MLSD_HOME"] == str(tmp_path)


def test_a_root_that_is_not_here_is_not_named(tmp_path):
    assert "MLSD_HOME" not in kernel_environment(str(tmp_path / "absent"), tmp_path)


def test_claims_are_collected_on_request(tmp_path):
    assert "MLSD_COLLECT_CLAIMS" not in kernel_environment("", tmp_path)
    assert kernel_environment("", tmp_path, collect=True)["MLSD_COLLECT_CLAIMS"] == "1"

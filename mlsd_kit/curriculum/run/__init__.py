"""The headless run: catalogue, runner, kernels, results, report, sweeps."""

"""Set every knob, then `mlsd check design/flash_crowd`; the file is read, not run."""

from mlsd_kit.curriculum.drills.designs import FlashCrowd

design = FlashCrowd(
    # what it keeps at the target: one of 'utilisation', 'concurrency'
    signal=...,
    # busy share of a replica that it aims at: 0.1 to 0.95
    target=...,
    # replicas that always run: 1 to 100
    fewest=...,
    # replicas that it may start: 1 to 400
    most=...,
    # how often it looks: 5 to 120 s
    tick_s=...,
    # how a replica starts: one of 'pull', 'disk', 'snapshot'
    start=...,
    # how long fewer must do: 5 to 3,600 s
    scale_in_after_s=...,
)

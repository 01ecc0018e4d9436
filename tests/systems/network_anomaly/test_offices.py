"""Offices: what the detectors see, and what the evaluation needs beside it."""

from itertools import pairwise

import pandas as pd
import pytest

from mlsd_kit.data.flows import load_zeek
from mlsd_kit.data.simulators.network_flows import ATTACKS, simulate
from mlsd_kit.systems.network_anomaly.features import FEATURES, host_windows, known_destinations
from mlsd_kit.systems.network_anomaly.limits import Limits
from mlsd_kit.systems.network_anomaly.offices import (
    attack_of,
    attacked_office,
    attacks_in,
    between,
    office,
    quiet_office,
)


@pytest.fixture(scope="module")
def flows():
    return simulate(seed=4, days=10, quiet_days=7, events=2)


def test_the_first_week_teaches_and_the_rest_is_scored(flows):
    made = office(flows)
    cut = pd.Timestamp("2026-03-09")
    assert made.first.index.get_level_values("time").max() < cut
    assert made.table.index.get_level_values("time").min() == cut
    assert made.days == 3 and made.hosts == 26
    assert made.known == known_destinations(flows[flows["time"] < cut])
    whole = host_windows(flows, made.known)
    pd.testing.assert_frame_equal(pd.concat([made.first, made.table]), whole)


def test_a_quiet_office_has_no_attack_and_an_attacked_one_has_all_classes():
    assert quiet_office(3, days=2).attacks.empty
    attacked = attacked_office(3, days=3, events=1)
    assert sorted(attacked.attacks["attack"]) == sorted(ATTACKS[1:])
    assert attacked.days == 3


def test_an_attack_is_about_one_host_of_ours_and_names_all_that_take_part(flows):
    attacks = attacks_in(flows)
    assert len(attacks) == 10
    for event, attack in attacks.iterrows():
        bad = flows[flows["event"] == event]
        ends = pd.concat([bad["source"], bad["destination"]])
        assert attack.hosts == {host for host in ends if host.startswith("10.")}
        assert attack.host in attack.hosts
        assert attack.start <= bad["time"].min() and attack.end == bad["time"].max()
        if attack.attack == "port_scan":
            assert {attack.host} == set(bad["source"])
        if attack.attack == "syn_flood":
            assert {attack.host} == set(bad["destination"])


def test_a_zeek_log_gives_the_same_windows_and_strangest_first(flows, tmp_path):
    names = {"source": "id.orig_h", "destination": "id.resp_h", "protocol": "proto"}
    names |= {"port": "id.resp_p", "state": "conn_state", "bytes_out": "orig_bytes"}
    seconds = (flows["time"] - pd.Timestamp(0)) / pd.Timedelta("1s")
    log = flows.rename(columns=names).assign(ts=seconds)[["ts", *names.values()]]
    log.to_json(tmp_path / "conn.log", orient="records", lines=True)
    own = host_windows(load_zeek(tmp_path / "conn.log"))
    pd.testing.assert_frame_equal(own, host_windows(flows))
    early = own.index.get_level_values("time") < "2026-03-09"
    detector = Limits().fit(own[early])
    later = own[~early]
    strange = later.assign(score=detector.score(later)).nlargest(5, "score")
    reasons = {FEATURES[i] for i in detector.parts(strange[list(FEATURES)]).argmax(axis=1)}
    assert reasons <= {"in_failed", "out_failed", "out_targets"}, "floods and scans are loudest"


def test_windows_of_an_attack_are_those_of_its_hosts_while_it_lasts(flows):
    made = office(flows)
    of_host, of_all = (attack_of(made.table, made.attacks, involved=i) for i in (False, True))
    assert set(of_host) == {0, *made.attacks.index}, "every attack has windows of its host"
    assert (of_host > 0).sum() < (of_all > 0).sum(), "a scan touches other hosts, too"
    rows = made.table[of_host == made.attacks.index[0]]
    attack = made.attacks.iloc[0]
    assert set(rows.index.get_level_values("host")) == {attack.host}
    assert attack.start <= rows.index.get_level_values("time").min()
    assert rows.index.get_level_values("time").max() <= attack.end


def test_between_includes_its_start_and_not_its_end(flows):
    table = office(flows).table
    days = pd.date_range("2026-03-09", "2026-03-12", freq="D")
    parts = [between(table, a, b) for a, b in pairwise(days)]
    pd.testing.assert_frame_equal(pd.concat(parts), table)

"""A case is judged as a real look would be: readings, lists, links, times, calendars, waivers, plans and guards."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.trials.ground import Ground, ground

if TYPE_CHECKING:
    from pathlib import Path

SITES = {"east": {"name": "East High"}, "north": {"name": "North Middle"}}


@pytest.fixture
def at(tmp_path: Path) -> Ground:
    return ground(tmp_path, sites=SITES)


def test_what_is_not_named_is_unknown_and_null_is_none(at: Ground) -> None:
    at.policy("P-1", "device", expect={"asset_tag": {"exists": True}})
    missed = at.missed("""
        tests: P-1
        at: 2026-11-20
        resources:
          device/A: {}
          device/B: {asset_tag: null}
          device/C: {asset_tag: "7"}
          device/D: {asset_tag: {unknown: cut off}}
        cases:
          - case: as it is
            expect: {device/A: unknown, device/B: out_of_line, device/C: in_line, device/D: unknown}
          - case: the other way round
            expect: {device/A: in_line, device/B: unknown, device/C: out_of_line, device/D: left_out}
    """)
    assert list(missed) == ["the other way round"]
    assert missed["the other way round"][0] == "P-1 on device/A: in_line / unknown: A: could not check: not given."
    assert len(missed["the other way round"]) == 4


def test_a_silent_host_keeps_its_groups_and_nothing_else(at: Ground) -> None:
    at.policy("P-1", "host", where={"groups": {"contains": "servers"}}, expect={"sysctl.a.b": "0"})
    assert not at.missed("""
        tests: P-1
        at: 2026-11-20
        resources: {host/web1: {groups: [servers], sysctl.a.b: "0"}}
        cases:
          - case: it answers
            expect: {host/web1: in_line}
          - case: it is silent
            given: {host/web1: {unknown: no answer}}
            expect: {host/web1: {verdict: unknown, sentence: "web1: could not check: no answer."}}
    """)


def test_lists_are_whole_unless_a_case_says_otherwise(at: Ground) -> None:
    at.policy("P-1", "device", expect={"asset": {"exists": True}})
    assert not at.missed("""
        tests: P-1
        at: 2026-11-20
        resources: {device/A: {serial: ABC1234}, asset/1: {serial: abc1234}}
        cases:
          - case: found
            expect: {device/A: in_line}
          - case: not found
            given: {asset/1: {serial: XYZ9999}}
            expect: {device/A: out_of_line}
          - case: not found on what there is of it
            given: {asset/1: {serial: XYZ9999}}
            incomplete: [asset]
            expect: {device/A: unknown}
          - case: an empty list
            given: {asset/1: null}
            complete: [asset]
            expect: {device/A: out_of_line}
          - case: no list at all
            given: {asset/1: null}
            expect: {device/A: {verdict: unknown, sentence: "A: could not check: no system shows assets."}}
    """)


def test_unique_looks_at_the_whole_list_of_the_case(at: Ground) -> None:
    at.policy("P-1", "device", expect={"serial": {"unique": True}})
    assert not at.missed("""
        tests: P-1
        at: 2026-11-20
        resources: {device/A: {serial: ABC1234}, device/B: {serial: ABC1235}}
        cases:
          - case: two of them
            expect: {device/A: in_line, device/B: in_line}
          - case: twice the same
            given: {device/B: {serial: abc1234}}
            expect: {device/A: out_of_line, device/B: out_of_line}
          - case: perhaps
            incomplete: [device]
            expect: {device/A: unknown}
    """)


def test_times_hang_on_that_of_the_case_in_the_zone_of_the_district(at: Ground) -> None:
    at.policy("P-1", "device", expect={"last_sync": {"within": "2 days"}})
    assert not at.missed("""
        tests: P-1
        at: 2026-11-20T00:30
        resources: {device/A: {last_sync: 2026-11-18T00:00}, device/B: {last_sync: 2026-11-17T23:59:59}}
        cases:
          - case: from midnight of the day before yesterday
            expect: {device/A: in_line, device/B: out_of_line}
          - case: the same said by the day
            given: {device/A: {last_sync: today - 2 days}, device/B: {last_sync: today - 3 days}}
            expect: {device/A: in_line, device/B: out_of_line}
          - case: half an hour earlier it was still Thursday
            at: 2026-11-20T05:59:00+00:00
            given: {device/B: {last_sync: 2026-11-17T00:00}}
            expect: {device/A: in_line, device/B: in_line}
          - case: an old list says it of its own day
            as_of: {device: 2026-11-19T12:00}
            expect: {device/A: in_line, device/B: in_line}
          - case: a time that lies ahead is a clock that is wrong
            given: {device/A: {last_sync: now + 3h}}
            expect: {device/A: unknown}
    """)


def test_a_case_has_school_days_of_its_own(at: Ground) -> None:
    at.policy("P-1", "device", expect={"last_sync": {"within": "2 school days"}})
    assert not at.missed("""
        tests: P-1
        at: 2026-11-23T09:00
        calendar: {open: ["08:00-15:00"]}
        resources: {device/A: {site: east, last_sync: 2026-11-19T10:00}}
        cases:
          - case: two school days before a Monday are Thursday
            expect: {device/A: in_line}
          - case: Wednesday is one too many
            given: {device/A: {last_sync: 2026-11-18T10:00}}
            expect: {device/A: out_of_line}
          - case: unless there was snow on Friday
            calendar: {close: [{site: east, day: 2026-11-20, name: Snow}]}
            given: {device/A: {last_sync: 2026-11-18T10:00}}
            expect: {device/A: in_line}
          - case: at another school
            calendar: {close: [{site: north, day: 2026-11-20}]}
            given: {device/A: {last_sync: 2026-11-18T10:00}}
            expect: {device/A: out_of_line}
    """)


def test_without_a_calendar_of_its_own_the_district_has_to_keep_one(at: Ground) -> None:
    at.policy("P-1", "device", expect={"last_sync": {"within": "2 school days"}})
    assert not at.missed("""
        tests: P-1
        at: 2026-11-23T09:00
        resources: {device/A: {site: east, last_sync: 2026-11-19T10:00}}
        cases:
          - case: it does not
            expect: {device/A: unknown}
    """)


def test_a_testing_window_is_one_to_the_policies(at: Ground) -> None:
    at.policy("P-1", "device", where={"site.testing": True}, expect={"status": "active"})
    assert not at.missed("""
        tests: P-1
        at: 2026-11-20T09:00
        calendar: {open: ["08:00-15:00"], testing: [{site: east, first: 2026-11-19, last: 2026-11-23}]}
        resources: {device/A: {site: east, status: lost}}
        cases:
          - case: inside
            expect: {device/A: out_of_line}
          - case: after it
            at: 2026-11-24T09:00
            expect: {device/A: left_out}
    """)


def test_a_case_may_say_what_it_needs_of_a_school(at: Ground) -> None:
    at.policy("P-1", "device", expect={"org_unit": {"same_as": "site.student_ou"}})
    assert not at.missed("""
        tests: P-1
        at: 2026-11-20
        resources: {device/A: {site: east, org_unit: /S/E}, device/B: {site: hill, org_unit: /S/H}}
        cases:
          - case: as the case has it
            given: {site/east: {student_ou: /S/E}, site/hill: {student_ou: /S/H}}
            expect: {device/A: in_line, device/B: in_line}
          - case: and as district.yaml has it
            expect: {device/A: out_of_line, device/B: out_of_line}
    """)


def test_a_waiver_of_the_case_excepts_until_its_last_day(at: Ground) -> None:
    at.policy("P-1", "device", expect={"status": "active"})
    assert not at.missed("""
        tests: P-1
        at: 2026-11-20T23:59
        resources: {device/A: {site: east, status: lost}, device/B: {site: east, status: active}}
        cases:
          - case: its last day
            waivers: [{sites: [east], until: 2026-11-20}]
            expect: {device/A: excepted, device/B: in_line}
          - case: the day after
            at: 2026-11-21T00:00
            waivers: [{sites: [east], until: 2026-11-20}]
            expect: {device/A: out_of_line}
    """)


def test_a_policy_that_waits_is_told_how_often_it_was_so_before(at: Ground) -> None:
    at.policy("P-1", "device", expect={"status": "active"}, **{"for": "3 sweeps"})
    assert not at.missed("""
        tests: P-1
        at: 2026-11-20
        resources: {device/A: {status: lost}}
        cases:
          - case: often enough, where the case does not say
            expect: {device/A: out_of_line}
          - case: for the first time
            looks: 0
            expect: {device/A: not_yet}
          - case: for the second
            looks: 1
            expect: {device/A: not_yet}
          - case: for the third
            looks: 2
            expect: {device/A: out_of_line}
    """)


def test_a_measure_is_said_of_its_groups(at: Ground) -> None:
    at.policy("P-1", "device", expect={"status": "active"}, measure={"by": "site", "count": {"at_most": 1}})
    results, covered = at.results("""
        tests: P-1
        at: 2026-11-20
        resources: {device/A: {site: east, status: active}, device/B: {site: east, status: lost}}
        cases:
          - case: one is allowed
            expect: {site/east: in_line}
          - case: two are not
            given: {device/B: {status: active}}
            expect: {site/east: out_of_line}
    """)
    assert [r.misses for r in results] == [(), ()]
    assert covered.whole, covered


def test_a_playbook_that_converges_is_given_what_check_mode_said(at: Ground) -> None:
    at.write("playbooks/x.yml", "- hosts: all\n  tasks: []\n")
    at.policy("P-1", "host", converge={"playbook": "playbooks/x.yml"})
    assert not at.missed("""
        tests: P-1
        at: 2026-11-20
        cases:
          - case: nothing to change
            given: {host/web1: {converge: []}}
            expect: {host/web1: in_line}
          - case: one task
            given: {host/web1: {converge: [Install it]}}
            expect: {host/web1: {verdict: out_of_line, sentence: "web1: the playbook would change Install it."}}
          - case: silent
            given: {host/web1: {unknown: no answer}}
            expect: {host/web1: unknown}
    """)


FIX = [{"do": "ansible.playbook", "with": {"playbook": "playbooks/x.yml"}, "risk": "reversible"}]


def test_actions_and_holds_are_all_there_are(at: Ground) -> None:
    at.write("playbooks/x.yml", "- hosts: all\n  tasks: []\n")
    at.policy("P-1", "host", expect={"sysctl.a.b": "0"}, mode="enforce", remedy=FIX, guard={"per_run": {"count": 1}})
    missed = at.missed("""
        tests: P-1
        at: 2026-11-20
        resources: {host/web1: {sysctl.a.b: "1"}}
        cases:
          - case: free
            expect: {host/web1: out_of_line}
            actions: [{verb: ansible.playbook, resource: host/web1}]
            holds: []
          - case: an action too many
            expect: {host/web1: out_of_line}
            actions: []
          - case: a hold that does not come
            expect: {host/web1: out_of_line}
            holds: [{guard: mode}]
          - case: two trip the wire
            given: {host/web2: {sysctl.a.b: "1"}}
            expect: {host/web1: out_of_line, host/web2: out_of_line}
            holds: [{guard: tripwire, resource: host/web1}, {guard: tripwire, resource: host/web2}]
          - case: on the word of half a list
            incomplete: [host]
            expect: {host/web1: out_of_line}
            holds: [{guard: complete data}]
          - case: it asks first
            mode: propose
            expect: {host/web1: out_of_line}
            holds: [{guard: mode, resource: host/web1}]
          - case: it only watches
            mode: audit
            expect: {host/web1: out_of_line}
            actions: []
            holds: []
    """)
    assert missed == {
        "an action too many": ["action: no ansible.playbook of host/web1 / ansible.playbook of host/web1"],
        "a hold that does not come": ["hold: mode / none"],
    }


def test_two_policies_that_want_different_things_hold_each_other(at: Ground) -> None:
    at.write("playbooks/x.yml", "- hosts: all\n  tasks: []\n")
    for name, value in (("P-1", "0"), ("P-2", "1")):
        at.policy(name, "host", expect={"sysctl.a.b": value}, mode="enforce", remedy=FIX)
    assert not at.missed("""
        tests: what happens when two disagree
        at: 2026-11-20
        resources: {host/web1: {sysctl.a.b: "1"}}
        cases:
          - case: only one of them is unhappy, and both know
            expect: {P-1: {host/web1: out_of_line}, P-2: {host/web1: in_line}}
            actions: [{verb: ansible.playbook, resource: host/web1}]
            holds: [{guard: conflict}]
    """)


def test_what_is_never_touched_is_held_here_too(tmp_path: Path) -> None:
    at = ground(tmp_path, guards={"per_run": {"count": 5}, "per_day": {"count": 5}, "never_touch": ["host/web1"]})
    at.write("playbooks/x.yml", "- hosts: all\n  tasks: []\n")
    at.policy("P-1", "host", expect={"sysctl.a.b": "0"}, mode="enforce", remedy=FIX)
    assert not at.missed("""
        tests: P-1
        at: 2026-11-20
        resources: {host/web1: {sysctl.a.b: "1"}}
        cases:
          - case: never
            expect: {host/web1: out_of_line}
            holds: [{guard: never touch}]
    """)


def test_a_failure_shows_the_conditions_as_explain_does(at: Ground) -> None:
    at.policy("P-1", "device", where={"platform": "chromeos"}, expect={"status": {"any_of": ["active", "lost"]}})
    results, _ = at.results("""
        tests: P-1
        at: 2026-11-20
        cases:
          - case: one
            given: {device/A: {platform: chromeos, status: disabled}}
            expect: {device/A: in_line}
    """)
    (miss,) = results[0].misses
    assert [heading for heading, _ in miss.trees] == ["It applies where", "It must hold that"]
    assert [tree.holds for _, tree in miss.trees] == [True, False]
    assert miss.came.startswith("out_of_line: A: status is disabled")

"""What policies that measure have to find: counted copy by copy from what the policies on single things find."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from agent.example.riverton.block import Block
    from agent.example.riverton.records import Device
    from agent.example.riverton.truth import Truth


@dataclass(frozen=True, slots=True)
class Measure:
    """A policy that wants at least so many percent of a group to be in line with a policy on single things."""

    policy: str
    of: str
    least: int
    group: Callable[[Device], str]  # the group that a device counts in, or an empty text


def _testing(device: Device) -> str:
    kept = device.model.platform == "chromeos" and device.org_unit.startswith("/Testing/")
    return f"site/{device.site}" if kept else ""


def _active(device: Device) -> str:
    return "district/all" if device.status == "active" else ""


MEASURES = (
    Measure("DEV-09-READY", "DEV-09", 98, _testing),
    Measure("INV-02-RATE", "INV-02", 99, _active),
)


def count(block: Block) -> None:
    """Count the groups of one copy, when all its stories are told."""
    truth = block.truth
    for measure in MEASURES:
        wrong, dark = truth.out_of_line[measure.of], truth.unknown[measure.of]
        tallies = truth.groups[measure.policy]
        for device in (item.device for item in block.items if item.device is not None):
            if group := measure.group(device):
                name = "wrong" if device.resource in wrong else "dark" if device.resource in dark else "right"
                tallies.setdefault(group, Counter())[name] += 1


def judge(truth: Truth) -> None:
    """Say of each group whether enough of it are in line, whichever way those go that cannot be judged."""
    for measure in MEASURES:
        for group, found in truth.groups[measure.policy].items():
            if _share(found["right"] + found["dark"], found) < measure.least:
                truth.out(group, measure.policy)
            elif _share(found["right"], found) < measure.least:
                truth.dark(group, measure.policy)


def _share(right: int, found: Mapping[str, int]) -> float:
    return right * 100 / sum(found.values())

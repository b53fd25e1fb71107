"""The daemon's numbers for Prometheus, taken when they are asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from prometheus_client import Metric

    from agent.model.run import Run


class Numbers:
    """Gives what Prometheus collects. Source: its text format, https://prometheus.io/docs/instrumenting/."""

    def __init__(self, last: Callable[[], Run | None], up: Callable[[], float]) -> None:
        """Take what gives the newest run that ended, and since when the daemon is up (seconds since 1970)."""
        self._last, self._up = last, up
        self._registry = CollectorRegistry()
        self._registry.register(self)

    def page(self) -> bytes:
        """Give the page."""
        return generate_latest(self._registry)

    def describe(self) -> list[Metric]:
        """Give nothing beforehand: what there is depends on the run."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Give each number."""
        yield _gauge("driftbell_start_time_seconds", "When the daemon was started.", self._up())
        run = self._last()
        if run is None:
            return
        yield _gauge("driftbell_last_run_timestamp_seconds", "When the last run ended.", run.finished.timestamp())
        verdicts = GaugeMetricFamily("driftbell_findings", "What the last run found, by verdict.", labels=["verdict"])
        for name in ("in_line", "out_of_line", "unknown", "excepted"):
            verdicts.add_metric([name], getattr(run.counts, name))
        yield verdicts
        yield _gauge("driftbell_held", "What held changes in the last run.", len(run.plan.holds))
        yield _gauge("driftbell_stopped", "1 while everything is stopped.", int(bool(run.stopped)))
        labels = ["kind", "system"]
        ages = GaugeMetricFamily(
            "driftbell_source_timestamp_seconds", "The data's own time of each source.", labels=labels
        )
        unseen = GaugeMetricFamily(
            "driftbell_source_unseen", "What a source should have shown and did not.", labels=labels
        )
        for one in run.seen:
            ages.add_metric([one.kind, one.system], one.as_of.timestamp())
            unseen.add_metric([one.kind, one.system], one.expected - one.seen)
        yield ages
        yield unseen


def _gauge(name: str, said: str, value: float) -> Metric:
    return GaugeMetricFamily(name, said, value=value)

"""Metrics: the figures that Prometheus scrapes, and the port they are scraped at.

Figures are made here so that no label can name an institution, a court or a person: a label must be one
of LABELS, whose values are few. The exporter answers on a thread of its own; what is counted on the event
loop is given to it as finished numbers, never as an object that both touch.
"""

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from wsgiref.simple_server import WSGIServer

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from runtime.settings import split_address

# Each has a handful of values, known beforehand.
LABELS = frozenset(
    [
        "breaker",
        "cause",
        "code",
        "cut",
        "endpoint_class",
        "fault",
        "institution_class",
        "kind",
        "life",
        "method",
        "reason",
        "role",
        "rule",
        "service",
        "stage",
        "state",
        "unit",
        "urgency",
    ]
)
NAME_PREFIX = "chakong_"
CLOSE_DEADLINE_S = 5.0


@dataclass(frozen=True, slots=True)
class Figure:
    """A finished number: counters end in _total. `labels` are pairs of name and value."""

    name: str
    help: str
    value: float
    labels: tuple[tuple[str, str], ...] = ()


class Metrics:
    """The figures of one process; none is global."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry(auto_describe=False)

    def counter(self, name: str, help_text: str, labels: Sequence[str] = ()) -> Counter:
        """Something that only grows; the name ends in _total."""
        if not name.endswith("_total"):
            raise ValueError(f"metric {name}: a counter's name ends in _total")
        return Counter(_checked(name, labels), help_text, labels, registry=self.registry)

    def gauge(self, name: str, help_text: str, labels: Sequence[str] = ()) -> Gauge:
        """Something that goes up and down."""
        return Gauge(_checked(name, labels), help_text, labels, registry=self.registry)

    def histogram(
        self, name: str, help_text: str, buckets: Sequence[float], labels: Sequence[str] = ()
    ) -> Histogram:
        """A distribution; the name ends in its unit (_seconds, _bytes, _entries)."""
        return Histogram(_checked(name, labels), help_text, labels, buckets=buckets, registry=self.registry)

    def figures(self, read: Callable[[], Iterable[Figure]]) -> None:
        """Ask `read` at every scrape, on the exporter's thread.

        It must only hand over what the event loop has finished.
        """
        self.registry.register(_FiguresCollector(read))


class Exporter:
    """The open port; `close` it when the process ends."""

    def __init__(self, server: WSGIServer, thread: threading.Thread) -> None:
        self._server = server
        self._thread = thread

    @property
    def port(self) -> int:
        """The port it listens on, also when 0 was asked for."""
        return self._server.server_port

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(CLOSE_DEADLINE_S)


def export(metrics: Metrics, address: str) -> Exporter:
    """Answer GET /metrics at host:port. OSError when the port is taken."""
    host, port = split_address(address)
    server, thread = start_http_server(port, host, metrics.registry)
    return Exporter(server, thread)


class _FiguresCollector(Collector):
    """Turns figures into prometheus-client's families at each scrape."""

    def __init__(self, read: Callable[[], Iterable[Figure]]) -> None:
        self._read = read

    def collect(self) -> Iterable[Metric]:
        families: dict[str, CounterMetricFamily | GaugeMetricFamily] = {}
        for figure in self._read():
            names = [name for name, _ in figure.labels]
            family = families.get(figure.name)
            if family is None:
                family_class = CounterMetricFamily if figure.name.endswith("_total") else GaugeMetricFamily
                family = family_class(_checked(figure.name, names), figure.help, labels=names)
                families[figure.name] = family
            family.add_metric([value for _, value in figure.labels], figure.value)
        return families.values()


def _checked(name: str, labels: Sequence[str]) -> str:
    if not name.startswith(NAME_PREFIX):
        raise ValueError(f"metric {name}: the name starts with {NAME_PREFIX}")
    unknown = sorted(set(labels) - LABELS)
    if unknown:
        raise ValueError(f"metric {name}: labels {unknown} given, any of {sorted(LABELS)}")
    return name

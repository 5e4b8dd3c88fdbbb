"""What happened: decisions, invocations, requests and problems, in memory and as JSON lines in a folder."""

from __future__ import annotations

import json
import threading
from collections import Counter
from pathlib import Path


class Journal:
    def __init__(self, folder: Path):
        self._folder = folder
        self._lock = threading.Lock()
        self.clear()

    def clear(self) -> None:
        """Forgets what is in memory; the files keep everything."""
        with self._lock:
            self.decisions: list[dict] = []
            self.invocations: list[dict] = []
            self.problems: list[dict] = []
            self.requests: Counter[tuple[str, str, str]] = Counter()

    def decision(self, role: str, action: str, resource: str, allowed: bool) -> None:
        self._add("decisions", {"role": role, "action": action, "resource": resource, "allowed": allowed})

    def invocation(self, **record) -> None:
        self._add("invocations", record)

    def problem(self, where: str, what: str) -> None:
        """Something that AWS would not report to anyone: an event not delivered, a log not written, a poller refused."""
        self._add("problems", {"where": where, "what": what})

    def request(self, role: str, service: str, operation: str) -> None:
        with self._lock:
            self.requests[role, service, operation] += 1

    def _add(self, kind: str, record: dict) -> None:
        with self._lock:
            getattr(self, kind).append(record)
            with open(self._folder / f"{kind}.jsonl", "a", encoding="utf-8") as file:
                file.write(json.dumps(record, ensure_ascii=False) + "\n")

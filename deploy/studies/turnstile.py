"""Knows when the site was asked: a relay in front of it that notes the time of each request."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from urllib.parse import urlsplit

from exchange import Exchange


class Watched(Exchange):
    """An exchange behind a turnstile: `asked` has the time of each request, in seconds of the monotonic clock."""

    def __enter__(self) -> Watched:
        super().__enter__()
        self.asked: list[float] = []
        site = urlsplit(self.url)
        self._site = (site.hostname, site.port)
        self._door = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._door.getsockname()[1]}"
        threading.Thread(target=self._let_in, daemon=True).start()
        return self

    def __exit__(self, *given) -> None:
        self._door.close()
        super().__exit__(*given)

    def most_in_a_second(self) -> int:
        """The most requests in any second, wherever it begins."""
        most = first = 0
        times = sorted(self.asked)
        for last, at in enumerate(times):
            while times[first] <= at - 1:
                first += 1
            most = max(most, last - first + 1)
        return most

    def seconds(self) -> float:
        """From the first request to the last."""
        return max(self.asked) - min(self.asked)

    def _let_in(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                caller, _ = self._door.accept()
                site = socket.create_connection(self._site)
                for side in (caller, site):
                    side.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                threading.Thread(target=self._pass, args=(caller, site, True), daemon=True).start()
                threading.Thread(target=self._pass, args=(site, caller, False), daemon=True).start()

    def _pass(self, one: socket.socket, other: socket.socket, noted: bool) -> None:
        # A client sends a request at once, and no second one before the answer.
        with contextlib.suppress(OSError):
            while data := one.recv(1 << 16):
                if noted and data.startswith(b"GET "):
                    self.asked.append(time.monotonic())
                other.sendall(data)
        with contextlib.suppress(OSError):
            other.shutdown(socket.SHUT_WR)

"""How fast statuses go out, beside a bare loop that sends the same requests.

2 000 statuses of 20 commits go to an embedded forge on loopback that takes 20 ms for each answer,
over as many connections as statusbot has. Then plain `http.client` sends what the forge was sent,
over the same number of connections. Forge and clients are processes of their own.

`python -m benchmarks.post` prints the ratio of each pair; it ends by itself.
"""

from __future__ import annotations

import http.client
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, SimpleQueue
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).parents[1]))

from statusbot.cluster.clock import Deadline
from statusbot.demo.forge import EmbeddedForge
from statusbot.forges.base import Login
from statusbot.ledger.memory import Ledger
from statusbot.posting.access import Access
from statusbot.posting.outcome import Did
from statusbot.posting.post import CONNECTIONS, Post
from statusbot.transport import Transport
from tests.support.posting import destination, news

STATUSES = 2000
COMMITS = 20
LATENCY = 0.02
PAIRS = 3
TOKEN = "token-of-the-benchmark"
COMMAND = (sys.executable, "-m", "benchmarks.post")


def main() -> None:
    """Measure pairs in turn, and print them."""
    print(
        f"{STATUSES} statuses of {COMMITS} commits, {LATENCY * 1000:.0f} ms for each answer, "
        f"{CONNECTIONS} connections"
    )
    ratios = []
    for _ in range(PAIRS):
        with forge() as url:
            ours = child("ours", url)
        with forge() as url:
            bare = child("bare", url)
        ratios.append(bare["wall"] / ours["wall"])
        print(f"  statusbot {told(ours)}; the bare loop {told(bare)}; ratio {ratios[-1]:.2f}")
    print(
        f"  throughput: median {statistics.median(ratios):.2f} of the bare loop's (0.90 is wanted)"
    )


def told(took: dict[str, float]) -> str:
    """One side of a pair."""
    rate = took["requests"] / took["wall"]
    return f"{took['wall']:.2f} s, {rate:.0f} requests/s, {took['cpu']:.2f} s of CPU"


@contextmanager
def forge() -> Iterator[str]:
    """The URL of a forge of its own process, which ends when its standard input does."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen((*COMMAND, "forge"), text=True, **pipes) as process:  # type: ignore[call-overload]
        try:
            yield process.stdout.readline().strip()
        finally:
            process.stdin.close()


def child(role: str, url: str) -> dict[str, float]:
    """What a role of its own process took."""
    done = subprocess.run((*COMMAND, role, url), stdout=subprocess.PIPE, check=True, text=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def serve() -> None:
    """The role ``forge``."""
    with EmbeddedForge(token=TOKEN, latency=LATENCY) as made:
        made.add_repository("bench/apps")
        print(made.url, flush=True)
        sys.stdin.read()


def measured(work: Callable[[], int]) -> None:
    """Print what ``work`` took, which gives the number of its requests."""
    wall, cpu = time.perf_counter(), time.process_time()
    requests = work()
    took = {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}
    print(json.dumps({**took, "requests": requests}))


def commits() -> list[str]:
    """Full names of commits."""
    return [f"{number:040x}" for number in range(1, COMMITS + 1)]


def contexts(commit: str) -> list[str]:
    """The names of what is reconciled to a commit."""
    return [f"app-{number}" for number in range(STATUSES // COMMITS)]


def ours(url: str) -> None:
    """The role ``ours``: posting as ``statusbot run`` does it, without the cluster before it."""
    there = destination(path="bench/apps", host=url)
    items = [news(commit=c, name=name, to=there) for c in commits() for name in contexts(c)]
    access = Access(Login((("Authorization", f"Bearer {TOKEN}"),), (TOKEN,)))
    with Transport() as transport:
        post = Post(
            transport, lambda there: access, Ledger(), Deadline(600), time.time, lambda item: item
        )

        def work() -> int:
            outcomes = post(items)
            assert [outcome.did for outcome in outcomes] == [Did.POSTED] * STATUSES
            return post.reads + post.writes

        measured(work)


def bare(url: str) -> None:
    """The role ``bare``: the same requests, and nothing else."""
    there = destination(path="bench/apps", host=url)
    forge, repository = there.forge, there.repository
    requests: SimpleQueue[tuple[str, str, bytes | None]] = SimpleQueue()
    for commit in commits():
        for read in forge.reads(repository, commit, ()):
            requests.put(("GET", read.url, None))
        for name in contexts(commit):
            item = news(commit=commit, name=name, to=there)
            write = forge.write(repository, commit, item.status.row)
            requests.put(("POST", write.url, json.dumps(write.body).encode()))
    total = requests.qsize()

    def send() -> None:
        connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)
        headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
        headers["User-Agent"] = "benchmark"
        while True:
            try:
                method, target, body = requests.get_nowait()
            except Empty:
                return connection.close()
            parts = urlsplit(target)
            connection.request(method, f"{parts.path}?{parts.query}", body, headers)
            answer = connection.getresponse()
            assert answer.status in (200, 201), answer.status
            answer.read()

    def work() -> int:
        with ThreadPoolExecutor(CONNECTIONS) as threads:
            for thread in [threads.submit(send) for _ in range(CONNECTIONS)]:
                thread.result()
        return total

    measured(work)


if __name__ == "__main__":
    match sys.argv[1:]:
        case []:
            main()
        case ["forge"]:
            serve()
        case ["ours", place]:
            ours(place)
        case ["bare", place]:
            bare(place)

"""What the benchmarks measure alike: the seconds of the processor and the peak of memory of a process and of all that it started."""

import os
from collections.abc import Iterator
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def processes() -> Iterator[tuple[float, float]]:
    """Seconds of the processor and the peak in GiB, of this process and of each that runs because of it, like those of Spark."""
    parents: dict[int, int] = {}
    found: dict[int, tuple[float, float]] = {}
    for path in Path("/proc").glob("[0-9]*"):
        try:
            fields = (path / "stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
            status = (path / "status").read_text(encoding="ascii", errors="replace")
        except OSError:
            continue
        peak = next((int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")), 0)
        parents[int(path.name)] = int(fields[1])
        found[int(path.name)] = ((int(fields[11]) + int(fields[12])) / TICKS, peak / 2**20)
    for process, figures in found.items():
        above = process
        while above in parents and above != os.getpid():
            above = parents[above]
        if above == os.getpid():
            yield figures


def seconds_used() -> float:
    """Seconds of the processor so far."""
    return sum(seconds for seconds, _ in processes())


def peaks() -> str:
    """The peaks of memory, the largest first."""
    return ", ".join(f"{peak:.1f}" for peak in sorted((peak for _, peak in processes()), reverse=True)[:4])

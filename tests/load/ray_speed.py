"""Measures ``treernn score --engine ray`` beside ``--jobs``, in turns, and the parts of a plan.

    python tests/load/ray_speed.py --rows 20000 --rounds 5     two actors beside --jobs 2
    python tests/load/ray_speed.py --parts --rows 20000        reading, writing, one core
    python tests/load/ray_speed.py --machines 4 --rows 20000   many machines of one core, simulated

Start-up is the time of a job of eight rows; it is taken off the time of the whole job.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from ray_kills import write_inputs


def command(inputs, out, *options):
    start = [sys.executable, "-m", "treernn", "score", str(inputs), "-o", f"{out}/"]
    return [*start, *map(str, options)]


def timed(command):
    """Seconds of a command, and the most memory of all its processes together, in MB."""
    begun = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    most = [0]

    def watch():
        while process.poll() is None:
            most[0] = max(most[0], memory_below(process.pid))
            time.sleep(1)

    watcher = threading.Thread(target=watch)
    watcher.start()
    assert process.wait() in (0, 1)  # 1: some texts are empty
    seconds = time.perf_counter() - begun
    watcher.join()
    return seconds, most[0]


def memory_below(root):
    """MB of a process and of those that it started; shared pages are shared out among them."""
    lines = subprocess.check_output(["ps", "-eo", "pid,ppid"], text=True).splitlines()[1:]
    parents = {int(pid): int(parent) for pid, parent in map(str.split, lines)}

    def is_below(pid):
        while pid > 1 and pid != root:
            pid = parents.get(pid, 0)
        return pid == root

    total = 0
    for pid in filter(is_below, parents):
        try:
            rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
        except OSError:
            continue
        total += next(int(line.split()[1]) for line in rollup.splitlines() if line[:4] == "Pss:")
    return total >> 10


def compare(work, rows, rounds, actors):
    ways = {"--jobs": ["--jobs", actors], "--engine ray": ["--engine", "ray", "--jobs", actors]}
    inputs = {"eight rows": work / "few", "all rows": work / "all"}
    inputs["eight rows"].mkdir()
    (inputs["eight rows"] / "a.txt").write_text("So so.\n" * 8)
    write_inputs(inputs["all rows"], rows)
    seconds = {(way, name): [] for way in ways for name in inputs}
    memory = dict.fromkeys(ways, 0)
    for turn in range(rounds):
        for way, options in ways.items():
            for name, folder in inputs.items():
                out = work / f"out{turn}{len(seconds[way, name])}{way}{name}".replace(" ", "_")
                taken, most = timed(command(folder, out, *options))
                seconds[way, name].append(taken)
                memory[way] = max(memory[way], most)
    speeds = {}
    for way in ways:
        start = statistics.median(seconds[way, "eight rows"])
        whole = statistics.median(seconds[way, "all rows"])
        speeds[way] = rows / (whole - start)
        print(
            f"{way:>14}: start {start:.1f} s, {rows:,} rows in {whole:.1f} s, "
            f"{speeds[way]:,.0f} rows/s after the start, {memory[way]:,} MB"
        )
    print(f"Ray has {speeds['--engine ray'] / speeds['--jobs']:.0%} of the speed")


def measure_parts(work, rows):
    """What a plan for other machines is made of."""
    from treernn.scoring.folders.inputs import find_inputs
    from treernn.scoring.rows import open_rows

    write_inputs(work / "all", rows)
    for file in find_inputs([str(work / "all")]).files[:4]:
        begun = time.perf_counter()
        with open_rows(file.path) as table:
            count = sum(len(chunk.rows) for chunk in table.chunks(512, 200_000))
        read = time.perf_counter() - begun
        print(f"{file.name}: {count / read:,.0f} rows/s read, {file.size / count:.0f} bytes a row")
    few = work / "few"
    few.mkdir()
    (few / "a.txt").write_text("So so.\n" * 8)
    start, _ = timed(command(few, work / "few_out", "--jobs", 1))
    whole, memory = timed(command(work / "all", work / "out", "--jobs", 1))
    written = sum(path.stat().st_size for path in (work / "out").glob("*.parquet"))
    print(
        f"one core: start {start:.1f} s, {rows / (whole - start):,.0f} rows/s, {memory} MB, "
        f"{written / rows:.0f} bytes a row written"
    )


def simulate(work, rows, machines):
    """Machines of one CPU each, on this one: whether all get their share of the work."""
    from ray.cluster_utils import Cluster

    write_inputs(work / "all", rows)
    small = {"num_cpus": 1, "object_store_memory": 80 << 20}
    cluster = Cluster(True, head_node_args=small)
    for _ in range(machines - 1):
        cluster.add_node(**small)
    options = ("--engine", "ray", "--address", cluster.address)
    taken, _ = timed(command(work / "all", work / "out", *options))
    cluster.shutdown()
    print(f"{machines} machines: {rows:,} rows in {taken:.1f} s, start included")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--actors", type=int, default=2)
    parser.add_argument("--machines", type=int, default=0)
    parser.add_argument("--parts", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        if given.parts:
            measure_parts(work, given.rows)
        elif given.machines:
            simulate(work, given.rows, given.machines)
        else:
            compare(work, given.rows, given.rounds, given.actors)


if __name__ == "__main__":
    main()

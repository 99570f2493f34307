"""Kills actors, drivers and machines of Ray jobs, and compares the results with one machine's.

    python tests/load/ray_kills.py actors --kills 10 --rows 20000
    python tests/load/ray_kills.py driver --kills 20
    python tests/load/ray_kills.py machine

Each compares all rows of all files, with their types, in order; it fails on the first that differs.
"""

import argparse
import csv
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

WORDS = [
    "the",
    "film",
    "was",
    "not",
    "good",
    "but",
    "its",
    "plot",
    "a",
    "wonderful",
    "mess",
    "boring",
]
FRAGMENT_ROWS = 500


def write_inputs(folder, rows, seed=1):
    """Files of four formats, of different sizes; some texts are empty, and types show late."""
    chosen = random.Random(seed)
    folder.mkdir()
    sizes = [rows // 4, rows // 8, rows // 8, rows // 4, *[rows // 16] * 4]
    first = 0
    for number, size in enumerate(sizes):
        data = []
        for row in range(size):
            words = chosen.choices(WORDS, k=chosen.randint(4, 25))
            text = "" if row % 97 == 0 else f"{' '.join(words).capitalize()}."
            data.append({"id": first + row, "text": text, "n": row if row < size / 2 else 0.5})
        first += size
        path = folder / f"{number}.{('csv', 'jsonl', 'parquet', 'txt')[number % 4]}"
        match number % 4:
            case 0:
                with path.open("w", newline="") as file:
                    writer = csv.DictWriter(file, data[0])
                    writer.writeheader()
                    writer.writerows(data)
            case 1:
                path.write_text("".join(f"{json.dumps(each)}\n" for each in data))
            case 2:
                pq.write_table(pa.Table.from_pylist(data), path, row_group_size=700)
            case 3:
                path.write_text("".join(f"{each['text'] or 'So so.'}\n" for each in data))


def score(inputs, out, address):
    """What ``treernn score --engine ray --resume`` does, with small fragments."""
    from treernn.integrations.ray.cluster import check_machines, connected
    from treernn.integrations.ray.folders import score_inputs_on_ray
    from treernn.integrations.ray.resources import pool_of_ray
    from treernn.scoring.folders.inputs import find_inputs
    from treernn.scoring.folders.output import open_output
    from treernn.scoring.folders.run import FolderJob
    from treernn.scoring.job import settings_record
    from treernn.scoring.settings import Settings, TableOptions
    from treernn.scoring.table import PartScorer

    files = find_inputs([str(inputs)]).files
    settings = Settings("small", "cpu", "embedded", "float32", "parquet")
    record = settings_record(settings)
    output = open_output(out, "parquet", record, [file.name for file in files], resume=True)
    job = FolderJob(TableOptions(), settings, output, record, PartScorer)
    with connected(address):
        pool = pool_of_ray()
        check_machines([str(out)])
        for step in score_inputs_on_ray(job, files, pool, 60_000, FRAGMENT_ROWS):
            print("step", step.rows, step.earlier, flush=True)
            if step.ended is not None and step.ended.problem:
                sys.exit(step.ended.problem)


def start(inputs, out, address):
    """The same in a process of its own, whose output is lines of steps."""
    command = [sys.executable, __file__, "score", "--inputs", inputs, "--out", out]
    if address:
        command += ["--address", address]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def read(folder):
    tables = {}
    for path in sorted(folder.glob("**/*.parquet")):
        if path.is_file() and not path.name.startswith("."):
            name = path.parent if path.name.startswith("part-") else path
            tables.setdefault(str(name.relative_to(folder)), []).append(pq.read_table(path))
    return {name: pa.concat_tables(parts) for name, parts in tables.items()}


def compare(folder, expected):
    found = read(folder)
    assert [*found] == [*expected], (sorted(found), sorted(expected))
    rows = 0
    for name, table in found.items():
        assert table.schema.equals(expected[name].schema), name
        theirs = expected[name].to_pylist()
        assert len(table) == len(theirs), (name, len(table), len(theirs))
        for one, other in zip(table.to_pylist(), theirs, strict=True):
            for column in ("probabilities", "score", "stars"):
                ours, others = one.pop(column), other.pop(column)
                pairs = (
                    zip(ours, others, strict=True) if isinstance(ours, list) else [(ours, others)]
                )
                assert all(a == b or abs(a - b) < 3e-6 for a, b in pairs), (name, one)
            assert one == other, (name, one, other)
        rows += len(table)
    return rows


def actors_of(machine):
    """The processes that score, below a process."""
    lines = subprocess.check_output(["ps", "-eo", "pid,ppid,args"], text=True).splitlines()[1:]
    parents, found = {}, []
    for line in lines:
        pid, parent, args = line.split(None, 2)
        parents[int(pid)] = int(parent)
        if args.startswith("ray::MapWorker"):
            found.append(int(pid))

    def is_below(pid):
        while pid > 1 and pid != machine:
            pid = parents.get(pid, 0)
        return pid == machine

    return [pid for pid in found if is_below(pid)]


def kill_actors(inputs, work, kills, _):
    process = start(inputs, work / "out", None)
    killed = steps = 0
    for line in process.stdout:
        steps += line.startswith("step")
        if killed < kills and (actors := actors_of(process.pid)):
            os.kill(random.choice(actors), signal.SIGKILL)
            killed += 1
    assert process.wait() == 0
    assert killed == kills, f"{killed} killed in {steps} steps, give more rows"
    return f"{killed} actors killed"


def kill_driver(inputs, work, kills, expected):
    from ray.cluster_utils import Cluster

    cluster = Cluster(True, head_node_args={"num_cpus": 2, "object_store_memory": 100 << 20})
    killed = jobs = 0
    try:
        while killed < kills:
            out = work / f"out{jobs}"
            process = start(inputs, out, cluster.address)
            for _ in range(random.randint(0, 4)):  # steps, then a moment
                process.stdout.readline()
            try:
                process.wait(random.uniform(0, 4))
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()
                killed += 1
                print("killed", killed, sum(map(len, read(out).values())), "rows", flush=True)
            else:
                assert process.returncode == 0
                print("finished", compare(out, expected), "rows", flush=True)
                jobs += 1
        out = work / f"out{jobs}"
        process = start(inputs, out, cluster.address)
        process.communicate()
        assert process.returncode == 0
        compare(out, expected)
    finally:
        cluster.shutdown()
    out.rename(work / "out")
    return f"driver killed {killed} times in {jobs + 1} jobs"


def remove_machine(inputs, work, kills, _):
    from ray.cluster_utils import Cluster

    small = {"num_cpus": 1, "object_store_memory": 80 << 20}
    cluster = Cluster(True, head_node_args=small)
    machines = [cluster.add_node(**small) for _ in range(kills + 1)]
    process = start(inputs, work / "out", cluster.address)
    for line in process.stdout:
        if line.startswith("step") and len(machines) > 1:
            cluster.remove_node(machines.pop(), allow_graceful=False)
    assert process.wait() == 0
    cluster.shutdown()
    return f"{kills} of {kills + 2} machines removed"


BREAKS = {"actors": kill_actors, "driver": kill_driver, "machine": remove_machine}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=[*BREAKS, "score"])
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--kills", type=int, default=1)
    for name in ("--inputs", "--out", "--address"):
        parser.add_argument(name)
    given = parser.parse_args()
    if given.what == "score":
        score(Path(given.inputs), Path(given.out), given.address)
        return
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        write_inputs(work / "in", given.rows)
        command = [sys.executable, "-m", "treernn", "score", work / "in", "-o", f"{work}/one/"]
        subprocess.run([*command, "--jobs", "2"], check=False)  # 1: some texts are empty
        expected = read(work / "one")
        begun = time.perf_counter()
        broken = BREAKS[given.what](work / "in", work, given.kills, expected)
        seconds = time.perf_counter() - begun
        rows = compare(work / "out", expected)
        print(f"{broken}, {rows:,} rows the same, {seconds:.0f} s")


if __name__ == "__main__":
    main()

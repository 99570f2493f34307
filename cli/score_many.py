"""``treernn score`` of many files, each into a file of its own in a folder."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, TypeAlias

from treernn.cli.failures import report
from treernn.cli.progress import with_progress
from treernn.scoring.folders.inputs import InputFile, find_inputs, shard_of, some
from treernn.scoring.folders.stored_inputs import find_stored
from treernn.scoring.formats import added_columns
from treernn.scoring.settings import Settings, TableOptions
from treernn.stores import is_address

if TYPE_CHECKING:
    from treernn.scoring.folders.run import Ended, FolderJob, Step

    Engine: TypeAlias = Callable[
        [FolderJob, Sequence[InputFile]], AbstractContextManager[Iterator[Step]]
    ]


def find_files(
    arguments: Sequence[str],
    out: str,
    format: str,
    input_format: str | None,
    shard: tuple[int, int] | None,
) -> tuple[str, Sequence[InputFile]]:
    """The folder that all files have in common, and the files that this process scores.

    What is left out is said on standard error.

    Args:
        arguments, out, input_format: see ``find_inputs``.
        format: of results.
        shard: number of this process and of all processes, see ``shard_of``.

    Raises:
        InputError: there are none, or two would have one result.
    """
    from treernn.scoring.folders.output import check_names

    find = find_stored if any(map(is_address, arguments)) else find_inputs
    inputs = find(arguments, input_format, out)
    check_names((file.name for file in inputs.files), format)
    if inputs.skipped and (shard is None or shard[0] == 1):  # once is enough
        unread = "ending of no format" if len(inputs.skipped) == 1 else "endings of no format"
        report(f"left out {some(inputs.skipped)}: {unread}; --input-format reads them too")
    if inputs.special and (shard is None or shard[0] == 1):
        report(f"left out {some(inputs.special)}: pipes and devices are not read from folders")
    files = inputs.files if shard is None else shard_of(inputs.files, *shard)
    return inputs.base, files


def score_files(
    base: str,
    files: Sequence[InputFile],
    out: str,
    options: TableOptions,
    settings: Settings,
    resume: bool,
    engine: Engine,
) -> bool:
    """Score files into a folder, and say at the end what has become of them.

    Args:
        base, files: see ``find_files``.
        out: the folder.
        options, settings: see ``FolderJob``.
        resume: see ``open_output``.
        engine: what scores them.

    Returns:
        Whether all rows of all files were scored.

    Raises:
        TreernnError: as ``open_output`` and the engine.
    """
    from treernn.scoring.folders.output import open_output
    from treernn.scoring.folders.run import FolderJob
    from treernn.scoring.job import settings_record
    from treernn.scoring.table import PartScorer

    unknown = replace(settings, columns=None)
    record = settings_record(unknown, inputs=base, **asdict(options))
    folder = open_output(out, settings.format, record, (file.name for file in files), resume)
    job = FolderJob(options, unknown, folder, record, PartScorer)
    tally = _Tally(settings)
    with engine(job, files) as steps:
        for step in with_progress(steps) if sys.stderr.isatty() else steps:
            if step.ended is not None:
                tally.add(step.ended)
    return tally.tell()


def this_machine(processes: int, share: bool) -> Engine:
    """Processes of this machine, see ``part_scorers``."""

    @contextmanager
    def engine(job: FolderJob, files: Sequence[InputFile]) -> Iterator[Iterator[Step]]:
        from treernn import workers
        from treernn.scoring.folders.run import score_inputs
        from treernn.scoring.table import load_scorer, part_scorers, writer_of

        with workers.parallel_map(processes) as parallel_map:
            scorer = load_scorer(job.settings)
            named = replace(job.settings, columns=("text",))
            writer_of(named, scorer.classifier)  # which the format may need
            with part_scorers(scorer, processes, share) as scorers:
                del scorer
                yield score_inputs(replace(job, scorers=scorers), files, parallel_map)

    return engine


def ray_cluster(address: str | None, actors: int | None) -> Engine:
    """Actors of a Ray cluster, see ``on_cluster``."""

    def engine(
        job: FolderJob, files: Sequence[InputFile]
    ) -> AbstractContextManager[Iterator[Step]]:
        from treernn.integrations.ray.folders import on_cluster

        return on_cluster(job, files, address, actors)

    return engine


class _Tally:
    """What has become of files."""

    def __init__(self, settings: Settings) -> None:
        self._prefix = settings.prefix
        self._columns = bool(added_columns(settings.format))
        self._files = self._rows = self._failed = self._earlier = self._unread = 0
        self._own: dict[tuple[str, ...], list[str]] = {}

    def add(self, ended: Ended) -> None:
        """Count a file, and say at once what is wrong with it."""
        for message in (*ended.notes, *ended.errors, *filter(None, [ended.problem])):
            named = ended.file.path in message
            report(message if named else f"{ended.file.name}: {message}")
        if ended.own:
            self._own.setdefault(ended.own, []).append(ended.file.name)
        if ended.done is None:
            self._unread += 1
            return
        self._files += 1
        self._earlier += ended.earlier
        self._rows += ended.done.rows
        self._failed += ended.done.failed

    def tell(self) -> bool:
        """Say it in one line; returns whether all is well."""
        for own, names in self._own.items():
            ours = " and ".join(self._prefix + name for name in own)
            another = "another --prefix" if self._prefix else "--prefix"
            have = "has" if len(names) == 1 else "have"
            report(f"{some(names)}: {have} {ours} already, so none is added; {another} keeps both")
        earlier = f" ({self._earlier:,} of them earlier)" if self._earlier else ""
        scored = _number(self._rows - self._failed, "row")
        said = [f"{_number(self._files, 'file')}{earlier}, {scored} scored"]
        if self._failed:
            where = f", see {self._prefix}error" if self._columns else ""
            said.append(f"{_number(self._failed, 'row')} could not be scored{where}")
        if self._unread:
            said.append(f"{_number(self._unread, 'file')} could not be scored")
        report("; ".join(said))
        return not (self._failed or self._unread)


def _number(count: int, what: str) -> str:
    return f"{count:,} {what}{'s' * (count != 1)}"

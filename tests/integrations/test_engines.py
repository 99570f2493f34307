"""The recipes of docs/scale.md for Spark and Dask, where the packages are installed."""

import os
import shutil
import sys

import pandas as pd
import pyarrow as pa
import pytest

from treernn.integrations.arrow import ArrowScorer

TABLE = pa.table({"id": range(8), "text": ["A wonderful film.", None, "Not good.", ""] * 2})


@pytest.fixture(scope="module")
def expected():
    return ArrowScorer("text")(TABLE).to_pylist()


@pytest.fixture(scope="module")
def spark():
    pyspark = pytest.importorskip("pyspark.sql")
    if shutil.which("java") is None:
        pytest.skip("Spark needs Java")
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    session = (
        pyspark.SparkSession.builder.master("local[1]")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "1")
        .getOrCreate()
    )
    yield session
    session.stop()


def same(rows, expected):
    found = sorted(rows, key=lambda row: row["id"])
    for ours, theirs in zip(found, expected, strict=True):
        assert [*ours] == [*theirs]
        for name, value in theirs.items():
            ours_value = None if value is None and pd.isna(ours[name]) else ours[name]
            assert ours_value == (pytest.approx(value, abs=2e-6) if _is_number(value) else value)


def _is_number(value):
    return isinstance(value, float | list)


@pytest.mark.filterwarnings("ignore")  # what Spark says of its own settings and versions
@pytest.mark.slow
def test_spark_map_in_arrow(spark, expected):
    from pyspark.sql.pandas.types import from_arrow_schema

    scorer = ArrowScorer("text")
    frame = spark.createDataFrame(TABLE).repartition(2)
    scored = frame.mapInArrow(scorer, from_arrow_schema(scorer.schema(TABLE.schema)))
    same([row.asDict() for row in scored.collect()], expected)


def test_dask_map_partitions(expected):
    dask_frames = pytest.importorskip("dask.dataframe")
    frame = dask_frames.from_pandas(TABLE.to_pandas(), npartitions=2)
    scored = frame.map_partitions(ArrowScorer("text")).compute(scheduler="sync")
    rows = pa.Table.from_pandas(scored, preserve_index=False).to_pylist()
    same(rows, expected)

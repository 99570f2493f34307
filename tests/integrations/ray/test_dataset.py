"""Datasets of Ray Data."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from treernn.errors import InputError
from treernn.integrations.arrow import ArrowScorer

TEXTS = ["A wonderful film.", None, "", "Not good at all.", "It has no plot. I liked it!"]
TABLE = pa.table({"id": range(2000), "review": [TEXTS[i % 5] for i in range(2000)]})


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("reviews")
    for start in range(0, 2000, 250):
        pq.write_table(TABLE.slice(start, 250), folder / f"{start:04}.parquet")
    return str(folder)


def read(dataset):
    return pa.concat_tables(dataset.iter_batches(batch_size=None, batch_format="pyarrow"))


def assert_scored(found):
    expected = ArrowScorer("review")(TABLE)
    assert found.schema.names == expected.schema.names
    assert found.drop_columns(["probabilities", "score"]).equals(
        expected.drop_columns(["probabilities", "score"])
    )
    for ours, theirs in zip(found["score"].to_pylist(), expected["score"].to_pylist(), strict=True):
        assert ours == pytest.approx(theirs, abs=2e-6)  # rounded to six digits


def test_rows_are_scored_in_their_order_by_all_actors(ray, folder):
    from treernn.integrations.ray import score_dataset

    dataset = ray.data.read_parquet(folder)
    assert_scored(read(score_dataset(dataset, "review")))


def test_what_cannot_be_scored_is_said_before_anything_runs(ray, folder):
    from treernn.integrations.ray import score_dataset

    dataset = ray.data.read_parquet(folder)
    with pytest.raises(InputError, match="the table has no column text, its columns are: id, rev"):
        score_dataset(dataset)
    with pytest.raises(InputError, match="too small: 2 actors need 3 CPU"):
        score_dataset(dataset, "review", actors=2, num_cpus=1)
    with pytest.raises(InputError, match=r"1 GPU .*, there is 2 CPU and 0 GPU on 1 machine"):
        score_dataset(dataset, "review", num_gpus=1)

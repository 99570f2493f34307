from rich.console import Console

from treernn.studies import report


def test_the_caption_of_a_table_shows_the_metadata():
    table = report.table({"threads": 1, "load": 0.5}, ("cell", "mode", "steps/s"), left_aligned=2)
    table.add_row("gru", "train", "7")
    console = Console(width=60)
    with console.capture() as capture:
        console.print(table)
    assert "threads 1  load 0.5" in capture.get()
    assert [column.justify for column in table.columns] == ["left", "left", "right"]

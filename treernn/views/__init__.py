"""Views for people: trees and tables in a terminal, figures. One module for each thing shown;
``*_table`` and ``*_lines`` return rich renderables, ``*_figure`` a matplotlib figure."""

"""The documentation site: `make docs` builds it into build/site.

The pages are the Markdown files of this folder. The reference, and pages from files outside of it,
are made at the start of each build by `generate/`, in folders that git ignores.
"""

import os
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

import treernn  # noqa: E402

project = "treernn"
author = "the treernn authors"
copyright = "the treernn authors, MIT licence"
version = release = treernn.__version__

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_copybutton",
    "generate",
]
exclude_patterns = ["generate", "reproduction/runs"]
highlight_language = "text"
suppress_warnings = ["misc.highlighting_failure"]  # JSON with … in it

myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 4  # as on GitHub

# Tutorials, see generate/notebooks.py.
os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"  # treernn
nb_execution_mode = "force"
nb_execution_in_temp = True
nb_execution_raise_on_error = True
nb_execution_timeout = 600

autodoc_typehints_format = "short"
autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
napoleon_use_ivar = True
napoleon_use_rtype = False
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 88
toc_object_entries_show_parents = "hide"

html_theme = "furo"
html_title = "treernn"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_favicon = "../treernn/server/static/page/icon.svg"
html_math_renderer = "mathml"
html_copy_source = False
html_show_sphinx = False
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#7a4d00", "color-brand-content": "#1f5fa8"},
    "dark_css_variables": {"color-brand-primary": "#e8b25c", "color-brand-content": "#7db4f0"},
}

# `make links`, which is lenient: a site that asks for a login has the page, a slow one may have it.
linkcheck_ignore = [r"https?://(localhost|127\.0\.0\.1|0\.0\.0\.0)"]
linkcheck_anchors = False  # many are made by scripts
linkcheck_allow_unauthorized = True
linkcheck_report_timeouts_as_broken = False
linkcheck_retries = 3
linkcheck_timeout = 20

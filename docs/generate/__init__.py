"""Pages made at the start of a build: the reference from the code, and files from outside of docs/.

A Sphinx extension. Generated pages are written only if they have changed, so that a second build is
quick, and those that are no longer made are deleted.
"""

from __future__ import annotations

from pathlib import Path

from docutils import nodes

from generate import commands, formulas, index, names, notebooks, outside, record, settings

FOLDERS = ("reference", "project")


def setup(app):
    """Connect the parts with Sphinx."""
    app.connect("builder-inited", _write)
    app.connect("source-read", lambda app, page, source: outside.mend_links(source, page))
    app.connect("source-read", lambda app, page, source: index.fill(app.env, page, source))
    app.connect("source-read", lambda app, page, source: notebooks.make_cells(page, source))
    app.connect("doctree-read", _stand_alone)
    app.connect("autodoc-skip-member", names.skip)
    app.connect("autodoc-process-docstring", names.split_fields, priority=900)  # after napoleon
    app.connect("missing-reference", names.resolve)
    app.connect("html-page-context", _say_levels, priority=900)  # after Furo
    app.connect("html-page-context", _say_language)
    formulas.setup(app)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _write(app):
    root = Path(app.srcdir)
    pages = {**commands.pages(), **settings.pages(), **names.pages()}
    pages |= {**outside.pages(), **record.pages()}
    for name, text in pages.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_text("utf-8") != text:
            path.write_text(text, "utf-8")
    for folder in FOLDERS:
        for path in (root / folder).rglob("*.*"):
            if path.relative_to(root).as_posix() not in pages:
                path.unlink()


def _stand_alone(app, tree):
    notebooks.stand_alone(app.env.docname, Path(app.env.mystnb_config.output_folder))
    for picture in tree.findall(nodes.image):
        picture.attributes.setdefault("alt", "what the code above draws")


def _say_levels(app, page, template, context, tree):
    """Captions in the side bar are headings without a level, which readers of screens want."""
    shown = context.get("furo_navigation_tree", "")
    context["furo_navigation_tree"] = shown.replace(
        'role="heading"', 'role="heading" aria-level="2"'
    )


def _say_language(app, page, template, context, tree):
    """Browsers choose fonts and line breaks, and readers of screens a voice, by language; that of
    the navigation beside the text is English."""
    if page == "project/zh-TW":
        context["body"] = f'<div lang="zh-Hant">{context["body"]}</div>'

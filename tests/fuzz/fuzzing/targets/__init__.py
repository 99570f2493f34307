"""The targets; to add one, a line in ``TARGETS`` of its module."""

from fuzzing.targets import commands, corpora, jobs, models, settings, tables, texts

TARGETS = {
    target.name: target
    for module in (texts, corpora, tables, jobs, models, settings, commands)
    for target in module.TARGETS
}

"""What every test run of the project shares: Hypothesis profiles, and examples in prose that run as tests.

Python examples in README.md and under docs/ run here; examples in docstrings run through ``--doctest-modules``.
"""

from hypothesis import settings
from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser, SkipParser

# Derandomized, so that a green run stays green; `--hypothesis-profile=nightly` explores further.
settings.register_profile("pr", derandomize=True, database=None, deadline=None, print_blob=True)
settings.register_profile("nightly", max_examples=5_000, deadline=None, print_blob=True)
settings.load_profile("pr")

pytest_plugins = ["engines"]  # the fixtures of the engines that queries are tried in

pytest_collect_file = Sybil(
    parsers=[PythonCodeBlockParser(), SkipParser()],
    patterns=["README.md", "docs/**/*.md"],
).pytest()

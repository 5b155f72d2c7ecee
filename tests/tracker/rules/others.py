"""Others: laws that differ from the installed one in one point. A test helper."""

from functools import cache
from typing import Final

from runtime import data as installed
from tracker.rules.law import Law, amended, load

FIRST_PROFILE: Final = """
[[profile]]
name = "first"
[[profile.override]]
node = 1
limit = { days = 9 }
"""
# Name -> passages of files, and what stands there instead.
CHANGES: Final = {
    "closing in five months": (("nodes.toml", "{ months = 6 }\nnon_lit", "{ months = 5 }\nnon_lit"),),
    "closing in days": (("nodes.toml", "{ months = 6 }\nnon_lit", "{ days = 200 }\nnon_lit"),),
    "filing in working days": (
        ("nodes.toml", "{ days = 7 }\nbasis = \"执行工作", "{ working_days = 7 }\nbasis = \"执行工作"),
    ),
    "notice without limit": (
        ("nodes.toml", "limit = { days = 10 }\nbasis = \"民诉法解释", "basis = \"民诉法解释"),
    ),
    "other warnings": (("nodes.toml", "amber_percent = 70", "amber_percent = 50"),),
    "terms warn earlier": (("nodes.toml", "[30, 15, 7, 3, 1]", "[60, 30, 10]"),),
    "shorter deposits": (
        ("nodes.toml", "{ months = 12 }\nterm", "{ months = 9 }\nterm"),
        ("terms.toml", "{ months = 12 }\nbasis = \"民", "{ months = 9 }\nbasis = \"民"),
    ),
    "profiles in another order": (
        (
            "nodes-local.toml",
            '[[profile]]\nname = "local-a"',
            FIRST_PROFILE + '[[profile]]\nname = "local-a"',
        ),
    ),
}  # fmt: skip
AMENDMENT: Final = """
profile = "national"
effective_from = 2026-06-01
[[node]]
number = 2
key = "distribution"
zh = "分案"
en = "Case distribution to a handler"
kind = "duty"
per = "case"
from = "filing"
limit = { days = 3 }
basis = "a rule of 2026"
status = "own"
"""
AMENDED: Final = "distribution in three days from June on"
NAMES: Final = (*CHANGES, AMENDED)


@cache
def other_law(name: str) -> Law:
    """The law of this name."""
    texts = installed.law_texts()
    if name == AMENDED:
        return load(amended(texts, "nodes-2026.toml", AMENDMENT))
    for file, before, after in CHANGES[name]:
        assert before in texts[file], before
        texts[file] = texts[file].replace(before, after)
    return load(texts)

"""Every act that is recorded has words, and keeps only what it lists."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from apps.audit.catalogue import ACTS, GROUPS
from tests.architecture.tree import dotted, name_of, parsed, python_files

_ACT = re.compile(r"^[a-z_]+(\.[a-z_]+){1,2}$")
# Functions that write an entry of an organization's audit, under whatever name a module wraps them.
_WRITERS = {"record", "note", "_record", "_note", "_keep", "_told", "_act", "keep", "_tell"}
# The platform's own record has a catalogue of its own.
_NOT_OURS = ("platform/staff/",)


def _calls() -> Iterator[tuple[str, ast.Call, str]]:
    for path in python_files():
        name = name_of(path)
        if "/tests/" in name or (name.startswith(_NOT_OURS) and "/support/" not in name):
            continue
        for node in ast.walk(parsed(path)):
            if not isinstance(node, ast.Call) or dotted(node.func).rsplit(".", 1)[-1] not in _WRITERS:
                continue
            for argument in (*node.args, *(keyword.value for keyword in node.keywords if keyword.arg == "action")):
                for value in ast.walk(argument):
                    if isinstance(value, ast.Constant) and isinstance(value.value, str) and _ACT.match(value.value):
                        yield f"{name}:{node.lineno}", node, value.value


def test_every_recorded_act_has_words() -> None:
    assert sorted({f"{where} {act}" for where, _, act in _calls() if act not in ACTS}) == []


def test_the_acts_are_found() -> None:
    assert len({act for _, _, act in _calls()}) > 30


def test_every_field_that_is_recorded_is_listed() -> None:
    unlisted = []
    for where, node, act in _calls():
        for keyword in node.keywords:
            if keyword.arg != "changes" or not isinstance(keyword.value, ast.Dict) or act not in ACTS:
                continue
            names = {key.value for key in keyword.value.keys if isinstance(key, ast.Constant)}
            unlisted += [f"{where} {act}: {name}" for name in sorted(names - set(ACTS[act].fields))]
    assert unlisted == []


def test_acts_are_in_a_group_and_read_after_a_name() -> None:
    for key, act in ACTS.items():
        assert _ACT.match(key), key
        assert act.group in GROUPS, key
        assert act.words[0].islower(), key
        assert not act.words.endswith("."), key
        assert act.personal <= set(act.fields), key


def test_nothing_secret_is_listed() -> None:
    secret = re.compile(r"passw|token|secret|code$|key$|hash")
    assert [f"{key}: {name}" for key, act in ACTS.items() for name in act.fields if secret.search(name)] == [
        "audit.permission.denied: code"
    ]

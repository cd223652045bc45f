"""What an expression may use: the environment of Flux, fluxcd/pkg ``runtime/cel/expression.go:80-107``.

That is OptionalTypes, CrossTypeNumericComparisons and the extensions strings, sets and encoders,
with ``event``, ``alert`` and ``provider`` as maps of anything. cel-cpp's checker lacks two things
that its runtime has, so they are declared here: numbers of two types compared with each other, and
``optional.unwrap``.
"""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cel_expr_python import cel

VARIABLES = ("event", "alert", "provider")
_EXTENSIONS = ("optional", "strings", "sets", "encoders")
_ORDERS = {"_<_": "less", "_<=_": "less_equals", "_>_": "greater", "_>=_": "greater_equals"}
_NUMBERS = ("int", "uint", "double")
_OTHERS = ("bool", "string", "bytes", "timestamp", "duration")
_T = {"type_name": "T", "is_type_param": True}


@cache
def environment() -> cel.Env:
    """The environment, made once; an ImportError where cel-expr-python cannot be loaded."""
    from cel_expr_python import cel

    # JSON is YAML.
    return cel.NewEnv(config=cel.NewEnvConfigFromYaml(json.dumps(_config())))


def _config() -> dict[str, Any]:
    return {
        "extensions": [{"name": name} for name in _EXTENSIONS],
        # A function is declared as a whole, so the orders are taken out and put in anew.
        "stdlib": {"exclude_functions": [{"name": name} for name in _ORDERS]},
        "functions": [*(_order(*item) for item in _ORDERS.items()), *_unwrapping()],
        "variables": [
            {"name": name, **_type("map", _type("string"), _type("dyn"))} for name in VARIABLES
        ],
    }


def _type(name: str, *params: dict[str, Any]) -> dict[str, Any]:
    return {"type_name": name, "params": list(params)} if params else {"type_name": name}


def _order(symbol: str, word: str) -> dict[str, Any]:
    pairs = [(left, right) for left in _NUMBERS for right in _NUMBERS]
    pairs += [(other, other) for other in _OTHERS]
    overloads = [
        {
            "id": f"{word}_{left}_{right}",
            "args": [_type(left), _type(right)],
            "return": _type("bool"),
        }
        for left, right in pairs
    ]
    return {"name": symbol, "overloads": overloads}


def _unwrapping() -> list[dict[str, Any]]:
    optionals, values = _type("list", _type("optional_type", _T)), _type("list", _T)
    function = {"id": "optional_unwrap", "args": [optionals], "return": values}
    method = {"id": "optional_unwrapOpt", "target": optionals, "return": values}
    return [
        {"name": "optional.unwrap", "overloads": [function]},
        {"name": "unwrapOpt", "overloads": [method]},
    ]

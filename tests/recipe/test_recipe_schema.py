"""The JSON Schema of recipes, by which editors complete and check them."""

from __future__ import annotations

import json

import pytest
from recipe_texts import KEYS

from mxdigits.recipe.files import shipped_recipes
from mxdigits.recipe.schema import json_schema
from mxdigits.storage.strict_yaml import parse


def allowed_keys(schema: dict, section: str) -> set[str]:
    """The keys that the schema names for a section, behind references and alternatives."""
    found: set[str] = set()
    waiting = [schema["properties"][section]]
    while waiting:
        each = waiting.pop()
        if "$ref" in each:
            waiting.append(schema["$defs"][each["$ref"].rpartition("/")[2]])
        waiting += each.get("anyOf", [])
        found |= set(each.get("properties", {}))
    return found


def test_the_schema_names_every_key():
    schema = json.loads(json.dumps(json_schema()))
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert tuple(schema["properties"]) == ("extends", *KEYS)
    assert schema["anyOf"] == [{"required": ["model"]}, {"required": ["extends"]}]
    assert schema["additionalProperties"] is False
    assert all(schema["properties"][key].get("description") for key in KEYS)
    assert allowed_keys(schema, "data") == {"name", "batch_size", "sampler", "shard"}
    assert allowed_keys(schema, "optimizer") == {"name", "learning_rate"}
    assert allowed_keys(schema, "loss") == {"label_smoothing", "class_weights", "focal"}
    for section in ("model", "schedule", "initializer"):
        assert allowed_keys(schema, section) == {"name"}
    assert schema["properties"]["epochs"]["minimum"] == 1
    assert schema["properties"]["seed"]["exclusiveMaximum"] == 2**31


@pytest.mark.parametrize("name", shipped_recipes())
def test_the_shipped_recipes_fit_the_schema(name):
    value = parse(shipped_recipes()[name].read_text(encoding="utf-8"), name).value
    schema = json_schema()
    assert set(value) <= set(schema["properties"])
    assert set(schema["required"]) <= set(value)
    for key, each in value.items():
        kinds = {kind.get("type") for kind in schema["properties"][key].get("anyOf", [])}
        kinds |= {schema["properties"][key].get("type")}
        kinds |= {"object"} if "$ref" in schema["properties"][key] else set()
        types = {str: "string", int: "integer", float: "number", list: "array", dict: "object"}
        shown = types[type(each)]
        assert shown in kinds

"""
Reads OpenLineage events, one JSON document a line, into the classes of OpenLineage's own client, which are made from the JSON schemas of the standard, and
writes them again. A field that a class does not have, one that is missing, another type or another schema's address is an error with its path.
"""
import json
import sys
import types
import typing

import attr
from openlineage.client.generated.base import DatasetFacet, JobEvent
from openlineage.client.generated.column_lineage_dataset import ColumnLineageDatasetFacet
from openlineage.client.generated.schema_dataset import SchemaDatasetFacet
from openlineage.client.serde import Serde

FACETS = {"schema": SchemaDatasetFacet, "columnLineage": ColumnLineageDatasetFacet}


def made(kind, value, path):
    origin, parts = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        (kind,) = [part for part in parts if part is not type(None)]
        return made(kind, value, path)
    if origin is list:
        expect(isinstance(value, list), path, "a list")
        return [made(parts[0], each, f"{path}[{at}]") for at, each in enumerate(value)]
    if origin is dict:
        expect(isinstance(value, dict), path, "an object")
        if parts[1] is DatasetFacet:
            return {name: made(FACETS[name], each, f"{path}.{name}") for name, each in value.items()}
        return {name: made(parts[1], each, f"{path}.{name}") for name, each in value.items()}
    if attr.has(kind):
        return object_of(kind, value, path)
    expect(type(value) is kind, path, kind.__name__)
    return value


def object_of(kind, value, path):
    expect(isinstance(value, dict), path, "an object")
    attr.resolve_types(kind)
    fields = {field.name: field for field in attr.fields(kind)}
    unknown = value.keys() - fields.keys()
    expect(not unknown, path, f"no {', '.join(sorted(unknown))}")
    given = {fields[name].alias: made(fields[name].type, each, f"{path}.{name}") for name, each in value.items() if fields[name].init}
    whole = kind(**given)
    for name, each in value.items():
        expect(getattr(whole, name) == each or fields[name].init, f"{path}.{name}", getattr(whole, name))
    return whole


def expect(holds, path, what):
    if not holds:
        raise SystemExit(f"{path}: expected {what}")


for line in sys.stdin:
    print(json.dumps(Serde.to_dict(made(JobEvent, json.loads(line), "event"))))

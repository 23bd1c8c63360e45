"""Tables as other implementations read them: readers.py < JSON list of {table, version, files}. Prints a JSON list of {deltaRs, files}.

deltaRs: rows and a content hash of that version (null: the newest), by delta-rs from the log alone. files: the same by DuckDB from the named Parquet files, with
the partition columns from their folders.
"""

import json
import sys

import deltalake
import duckdb


def told(engine, relation, columns):
    return "%d rows %s" % engine.execute(
        f"SELECT count(*), coalesce(md5(string_agg(h, '' ORDER BY h)), '') FROM (SELECT md5(CAST(r AS VARCHAR)) AS h FROM (SELECT {columns} FROM {relation}) r)"
    ).fetchone()


answers = []
for asked in json.load(sys.stdin):
    engine = duckdb.connect()
    engine.execute("SET TimeZone = 'UTC'")
    table = deltalake.DeltaTable(asked["table"], version=asked["version"])
    engine.register("rows", table.to_pyarrow_dataset().to_table())
    columns = ", ".join('"' + name + '"' for name in asked["columns"])
    answer = {"version": table.version(), "deltaRs": told(engine, "rows", columns)}
    paths = ", ".join("'" + path.replace("'", "''") + "'" for path in asked["files"])
    types = ", ".join(f"'{name}': {kind}" for name, kind in asked["partitionTypes"].items())
    hive = f", hive_partitioning = true, hive_types = {{{types}}}" if types else ", hive_partitioning = false"
    own = ", ".join(f'CAST("{name}" AS {kind}) AS "{name}"' for name, kind in asked["types"].items())
    answer["files"] = told(engine, f"(SELECT {own} FROM read_parquet([{paths}], union_by_name = true{hive}))", columns)
    answers.append(answer)
print(json.dumps(answers))

"""Tables as Spark reads them: readers-spark.py < JSON list of {table, version, columns, out}. Writes the rows of each, of that version (null: the newest), as Parquet."""

import json
import os
import sys

import pyarrow.parquet
from pyspark.sql import SparkSession

spark = SparkSession.builder.remote(os.environ["SPARK_REMOTE"]).getOrCreate()
for asked in json.load(sys.stdin):
    reader = spark.read.format("delta")
    if asked["version"] is not None:
        reader = reader.option("versionAsOf", asked["version"])
    rows = reader.load(asked["table"])
    assert rows.columns == asked["columns"], (rows.columns, asked["columns"])
    pyarrow.parquet.write_table(rows.toArrow(), asked["out"])

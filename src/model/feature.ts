/**
 * What the embedded runner supports and what it refuses by name. Anything in neither list is a mistake in the project, and is told as one.
 */

export const filterNames: ReadonlySet<string> = new Set(
  (
    'abs as_bool as_native as_number as_text batch capitalize count d default dictsort first float indent int items join last length list ' +
    'lower map max min reject rejectattr replace reverse round select selectattr sort string sum title tojson trim unique upper'
  ).split(' '),
)

export const refusedFilters: ReadonlySet<string> = new Set(
  (
    'attr center e escape filesizeformat forceescape format groupby pprint random safe slice striptags truncate urlencode urlize wordcount ' +
    'wordwrap xmlattr'
  ).split(' '),
)

export const testNames: ReadonlySet<string> = new Set(
  'boolean callable defined even false float integer iterable mapping none number odd sequence string true undefined'.split(
    ' ',
  ),
)

export const refusedTests: ReadonlySet<string> = new Set(
  'divisibleby eq equalto escaped filter ge gt in le lower lt ne sameas test upper'.split(' '),
)

/** Tags that the runner does not do. */
export const refusedTags: ReadonlyMap<string, string> = new Map([
  ['call', 'a call block'],
  ['filter', 'a filter block'],
  ['materialization', 'a custom materialization'],
  ['snapshot', 'a snapshot'],
  ['include', 'include'],
  ['import', 'import'],
  ['from', 'import'],
  ['extends', 'extends'],
  ['block', 'a template block'],
  ['with', 'a with block'],
  ['autoescape', 'autoescape'],
  ['data_test', 'a data_test block'],
])

/** Names that dbt gives to templates and the runner does not. */
export const refusedNames: ReadonlyMap<string, string> = new Map([
  ['run_query', 'run_query (a query while compiling)'],
  ['statement', 'statement (a query while compiling)'],
  ['load_result', 'load_result'],
  ['store_result', 'store_result'],
  ['graph', 'graph'],
  ['modules', 'modules'],
  ['run_started_at', 'run_started_at'],
  ['api', 'api.Relation and api.Column'],
  ['metric', 'metric'],
  ['function', 'function'],
  ['submit_python_job', 'a Python model'],
  ['load_agate_table', 'load_agate_table'],
  ['selected_resources', 'selected_resources'],
  ['invocation_args_dict', 'invocation_args_dict'],
  ['dbt_metadata_envs', 'dbt_metadata_envs'],
  ['fromyaml', 'fromyaml'],
  ['toyaml', 'toyaml'],
  ['diff_of_two_dicts', 'diff_of_two_dicts'],
  ['pre_hooks', 'hooks'],
  ['post_hooks', 'hooks'],
  ['render', 'render'],
  ['write', 'write'],
  ['dbt_utils', 'the package dbt_utils'],
  ['dbt_expectations', 'the package dbt_expectations'],
  ['dbt_date', 'the package dbt_date'],
  ['codegen', 'the package codegen'],
  ['get_relation', 'adapter.get_relation'],
  ['snapshot_check_all_get_existing_columns', 'a snapshot'],
])

/** Config of a model or seed that the runner follows. */
export const modelConfigKeys: ReadonlySet<string> = new Set(
  (
    'enabled alias schema tags meta materialized incremental_strategy unique_key on_schema_change full_refresh column_types quote_columns ' +
    'delimiter contract'
  ).split(' '),
)

/** Config that changes nothing in the tables on DuckDB: docs, rights of other projects, and how other engines store a table. */
export const idleConfigKeys: ReadonlySet<string> = new Set(
  (
    'docs persist_docs access group static_analysis on_configuration_change transient copy_grants query_tag snowflake_warehouse cluster_by ' +
    'automatic_clustering file_format location_root liquid_clustered_by auto_liquid_cluster tblproperties databricks_compute databricks_tags ' +
    'compression buckets clustered_by'
  ).split(' '),
)

export const testConfigKeys: ReadonlySet<string> = new Set(
  'enabled severity warn_if error_if where limit fail_calc tags meta alias store_failures store_failures_as schema group'.split(
    ' ',
  ),
)

/** Config that would change what is built, and that the runner does not do. */
export const refusedConfigKeys: ReadonlySet<string> = new Set(
  (
    'database pre-hook post-hook pre_hook post_hook sql_header grants indexes event_time batch_size lookback begin concurrent_batches packages ' +
    'predicates incremental_predicates merge_update_columns merge_exclude_columns merge_update_condition merge_insert_condition ' +
    'merge_on_using_columns merge_update_set_expressions merge_returning_columns merge_clauses partition_by partitioned_by sorted_by sort_by ' +
    'location format options plugin glue_register quoting freshness latest_version_pointer on_error target_lag target_database target_schema ' +
    'strategy updated_at check_cols invalidate_hard_deletes hard_deletes fast'
  ).split(' '),
)

export const materializations = ['view', 'table', 'incremental', 'ephemeral'] as const
export type Materialization = (typeof materializations)[number]

export const incrementalStrategies = ['append', 'delete+insert', 'merge'] as const

/** Statements of templates. */
export const tagNames = ['if', 'for', 'set', 'macro', 'test', 'do', 'break', 'continue', 'raw', 'docs'] as const

/** Names that templates find besides macros. */
export const contextMembers =
  'ref source config this is_incremental execute model adapter dbt var env_var target database project_name return exceptions log print range zip dict namespace tojson fromjson local_md5'.split(
    ' ',
  )

export const adapterMethods = ['dispatch', 'quote', 'type'] as const
export const genericTestNames = ['not_null', 'unique', 'accepted_values', 'relationships'] as const

/** What `loop` has inside a `for`. */
export const loopAttributes = [
  'index',
  'index0',
  'revindex',
  'revindex0',
  'first',
  'last',
  'length',
  'previtem',
  'nextitem',
  'cycle',
] as const

/** What a relation has, as `ref`, `source` and `this` give it. */
export const relationAttributes = [
  'database',
  'schema',
  'identifier',
  'name',
  'table',
  'render',
  'without_identifier',
  'include',
  'get',
] as const

export const targetAttributes = [
  'name',
  'target_name',
  'schema',
  'type',
  'database',
  'profile_name',
  'threads',
  'get',
] as const

export const configMethods = ['get', 'require'] as const
export const exceptionNames = ['raise_compiler_error', 'warn'] as const

/** Keys of a properties file. The last ones are read by other tools: they are checked to be there, and left alone. */
export const propertyFileKeys = [
  'version',
  'models',
  'seeds',
  'sources',
  'macros',
  'data_tests',
  'tests',
  'unit_tests',
  'exposures',
  'groups',
  'analyses',
  'semantic_models',
  'metrics',
  'saved_queries',
] as const

export const unitInputs = ['ref', 'source', 'this'] as const
export const unitFormats = ['dict', 'csv', 'sql'] as const
export const unitOverrides = ['macros', 'vars', 'env_vars'] as const

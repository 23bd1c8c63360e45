import type { Run } from './build.ts'
import { databaseName } from './environment.ts'
import { hashText } from './hash.ts'
import type { Loaded } from './load.ts'
import type {
  ColumnNote,
  GenericTest,
  Macro,
  Manifest,
  ModelNode,
  Node,
  SourceTable,
  TestNode,
  UnitTest,
} from './node.ts'
import { isUnit } from './node.ts'
import { plain } from './value.ts'

/** The manifest in the shape of dbt's schema v12, with what the runner knows; empty where it holds nothing of the kind. */
export function manifestJson(
  loaded: Loaded,
  run: Run,
  compiledPaths: ReadonlyMap<string, string>,
  metadata: object,
): object {
  const { manifest, project } = loaded
  const all = [...manifest.nodes.values()]
  const nodes = all.filter((node) => !isUnit(node))
  return {
    metadata: {
      dbt_schema_version: 'https://schemas.getdbt.com/dbt/manifest/v12.json',
      ...metadata,
      project_name: manifest.project,
      project_id: hashText('md5', manifest.project),
      user_id: null,
      send_anonymous_usage_stats: false,
      adapter_type: 'duckdb',
      quoting: { database: true, schema: true, identifier: true, column: null },
    },
    nodes: byId(nodes, (node) => nodeJson(node, project.folder, manifest, run, compiledPaths.get(node.id) ?? null)),
    sources: byId(manifest.sources.values(), (source) => sourceJson(source, manifest.project)),
    macros: byId(manifest.macros.values(), macroJson),
    docs: byId(manifest.docs.values(), (block) => ({
      name: block.name,
      resource_type: 'doc',
      package_name: manifest.project,
      path: block.file,
      original_file_path: block.file,
      unique_id: block.id,
      block_contents: block.text,
    })),
    exposures: {},
    metrics: {},
    groups: {},
    selectors: {},
    disabled: {},
    parent_map: {
      ...Object.fromEntries([...manifest.sources.keys()].map((id) => [id, []])),
      ...Object.fromEntries(all.map((node) => [node.id, [...node.needs.nodes]])),
    },
    child_map: childMap(manifest),
    group_map: {},
    saved_queries: {},
    semantic_models: {},
    unit_tests: byId(all.filter(isUnit), (node) => unitJson(node, manifest)),
    functions: {},
  }
}

function byId<T extends { readonly id: string }>(all: Iterable<T>, write: (one: T) => object): Record<string, object> {
  return Object.fromEntries([...all].map((one) => [one.id, write(one)]))
}

function childMap(manifest: Manifest): Record<string, string[]> {
  const children: Record<string, string[]> = {}
  for (const id of [...manifest.sources.keys(), ...manifest.nodes.keys()]) children[id] = []
  for (const node of manifest.nodes.values()) for (const need of node.needs.nodes) children[need]?.push(node.id)
  return children
}

function nodeJson(node: Node, folder: string, manifest: Manifest, run: Run, compiledPath: string | null): object {
  const compiled = run.compiled.get(node.id)
  const { needs } = node
  return {
    database: databaseName,
    schema: node.schema,
    name: node.name,
    resource_type: node.kind,
    package_name: manifest.project,
    path: node.path,
    original_file_path: node.file,
    unique_id: node.id,
    fqn: node.fqn,
    alias: node.alias,
    checksum: node.checksum === '' ? { name: 'none', checksum: '' } : { name: 'sha256', checksum: node.checksum },
    config: configJson(node),
    tags: node.tags,
    description: node.description,
    columns: node.kind === 'test' ? {} : columnsJson(node.columns),
    meta: plain(node.config.get('meta') ?? new Map()),
    group: null,
    docs: { show: true, node_color: null },
    patch_path: node.kind !== 'test' && node.patchFile !== null ? `${manifest.project}://${node.patchFile}` : null,
    build_path: null,
    unrendered_config: {},
    relation_name: node.kind === 'test' || node.materialized === 'ephemeral' ? null : node.relation.sql,
    raw_code: node.rawCode,
    doc_blocks: [],
    ...(node.kind === 'seed'
      ? { root_path: folder, depends_on: { macros: [] } }
      : {
          language: 'sql',
          refs: needs.refs.map(({ names }) => ({
            name: names.at(-1),
            package: names.length > 1 ? names[0] : null,
            version: null,
          })),
          sources: needs.sources,
          metrics: [],
          functions: [],
          depends_on: { macros: [...needs.macros], nodes: [...needs.nodes] },
          compiled_path: compiledPath,
          compiled: compiled !== undefined,
          compiled_code: compiled?.sql ?? null,
          extra_ctes_injected: compiled !== undefined,
          extra_ctes: (compiled?.ephemeral ?? []).map((id) => ({ id, sql: null })),
          contract: { enforced: false, alias_types: true, checksum: null },
        }),
    ...(node.kind === 'model' ? modelJson() : {}),
    ...(node.kind === 'test' && node.generic !== undefined ? genericJson(node.generic) : {}),
  }
}

const modelJson = (): object => ({
  access: 'protected',
  constraints: [],
  version: null,
  latest_version: null,
  deprecation_date: null,
  primary_key: [],
  time_spine: null,
})

function genericJson(test: GenericTest): object {
  return {
    column_name: test.columnName,
    file_key_name: test.fileKey,
    attached_node: test.attachedNode,
    test_metadata: { name: test.name, kwargs: plain(new Map(test.kwargs)), namespace: test.namespace },
  }
}

function configJson(node: Node): object {
  const given = Object.fromEntries([...node.config].map(([key, value]) => [key, plain(value)]))
  return node.kind === 'test' ? testConfig(node, given) : modelConfig(node, given)
}

function testConfig(node: TestNode, given: Readonly<Record<string, unknown>>): object {
  return {
    enabled: true,
    alias: null,
    schema: node.schema,
    database: null,
    tags: node.tags,
    meta: {},
    group: null,
    materialized: 'test',
    store_failures: null,
    store_failures_as: null,
    where: null,
    limit: null,
    fail_calc: 'count(*)',
    warn_if: '!= 0',
    error_if: '!= 0',
    ...given,
    severity: String(given.severity ?? 'ERROR'),
  }
}

function modelConfig(node: ModelNode, given: Readonly<Record<string, unknown>>): object {
  return {
    enabled: true,
    alias: null,
    schema: null,
    database: null,
    tags: node.tags,
    meta: {},
    group: null,
    incremental_strategy: null,
    persist_docs: {},
    'post-hook': [],
    'pre-hook': [],
    quoting: {},
    column_types: {},
    full_refresh: null,
    unique_key: null,
    on_schema_change: 'ignore',
    on_configuration_change: 'apply',
    grants: {},
    packages: [],
    docs: { show: true, node_color: null },
    contract: { enforced: false, alias_types: true },
    ...(node.kind === 'seed' ? { delimiter: ',', quote_columns: null } : { access: 'protected' }),
    ...given,
    materialized: node.materialized,
  }
}

function columnsJson(columns: readonly ColumnNote[]): object {
  return Object.fromEntries(
    columns.map((column) => [
      column.name,
      {
        name: column.name,
        description: column.description,
        meta: plain(column.meta),
        data_type: column.dataType,
        constraints: [],
        quote: column.quote ? true : null,
        config: { meta: plain(column.meta), tags: column.tags },
        tags: column.tags,
        granularity: null,
        doc_blocks: [],
      },
    ]),
  )
}

function sourceJson(source: SourceTable, project: string): object {
  return {
    database: databaseName,
    schema: source.relation.schema,
    name: source.name,
    resource_type: 'source',
    package_name: project,
    path: source.at.file,
    original_file_path: source.at.file,
    unique_id: source.id,
    fqn: source.fqn,
    source_name: source.source,
    source_description: source.sourceDescription,
    loader: '',
    identifier: source.relation.identifier,
    quoting: { database: null, schema: null, identifier: null, column: null },
    loaded_at_field: null,
    freshness: null,
    external: null,
    description: source.description,
    columns: columnsJson(source.columns),
    meta: plain(source.meta),
    source_meta: {},
    tags: source.tags,
    config: { enabled: true, meta: plain(source.meta), tags: source.tags },
    patch_path: null,
    unrendered_config: {},
    relation_name: source.relation.sql,
    doc_blocks: [],
  }
}

function unitJson(node: TestNode & { readonly unit: UnitTest }, manifest: Manifest): object {
  const model = manifest.nodes.get(node.unit.model)
  return {
    name: node.name,
    model: model?.name,
    resource_type: 'unit_test',
    package_name: manifest.project,
    path: node.path,
    original_file_path: node.file,
    unique_id: node.id,
    fqn: node.fqn,
    description: node.description,
    schema: node.schema,
    config: {
      enabled: true,
      tags: node.tags,
      meta: plain(node.config.get('meta') ?? new Map()),
    },
    depends_on: { macros: [], nodes: [node.unit.model] },
    given: node.unit.given.map(({ of, names }) => ({ input: of === 'this' ? of : `${of}(${names.join(', ')})` })),
    expect: {},
    overrides: {
      macros: plain(new Map(node.unit.macros)),
      vars: plain(new Map(node.unit.vars)),
      env_vars: plain(new Map(node.unit.env)),
    },
    checksum: null,
    versions: null,
  }
}

function macroJson(macro: Macro): object {
  return {
    name: macro.name,
    resource_type: 'macro',
    package_name: macro.package,
    path: macro.file,
    original_file_path: macro.file,
    unique_id: macro.id,
    macro_sql: macro.source,
    depends_on: { macros: [] },
    description: macro.description,
    meta: {},
    docs: { show: true, node_color: null },
    config: { meta: {}, docs: { show: true, node_color: null } },
    patch_path: null,
    arguments: macro.definition.parameters.map(({ name }) => ({ name, type: null, description: '' })),
    supported_languages: null,
  }
}

import type { Dialect } from '#compile'
import { compileClean, dialects, keptColumns, keyHash, valueHash } from '#compile'
import type { Binding, Contract } from '#contract'
import { bindHeaders, matchLayout } from '#contract'
import type { DataFile, Snapshot } from '#lake'
import type { DatasetStanding } from './clean-standing.ts'
import { displacedColumns } from './clean-tables.ts'
import type { StageEffects } from './effects.ts'
import { attachFiles, attachSnapshot } from './exchange.ts'
import { bronzeColumns, fileColumns } from './land/index.ts'

export type CleanEffects = StageEffects

/** A batch in the engine, classified: what each table has to gain and to lose. Names are relations, quoted. */
export interface CleanBatch {
  readonly dialect: Dialect
  /** The new Bronze records. */
  readonly records: string
  /** Each of them typed, with its first broken rule. */
  readonly parsed: string
  /** Coordinates of the parsed rows that Silver gains. */
  readonly gained: string
  /** Coordinates of the Silver rows that a new record displaces; undefined where there are none. */
  readonly ousted: string | undefined
  /** Key hashes of which `fate` tells all; undefined where every record has its key to itself. */
  readonly contested: string | undefined
  /** Every record of a contested key, with where it goes. */
  readonly fate: string
  /** Keys under which a person's name or phone stands in these records. */
  readonly privateKeys: readonly string[]
}

/** A schema of the dataset's own in the engine, so that nothing of it is left over. */
export function workSchema(contract: Contract): string {
  return `clean_${contract.name}`
}

/** Classifies the records that Bronze gained in (from, to]. Reads Silver and the displaced as they stand; writes nothing outside the engine. */
export async function prepareBatch(
  contract: Contract,
  { from, to }: { readonly from: number; readonly to: number },
  standing: DatasetStanding,
  effects: CleanEffects,
): Promise<CleanBatch> {
  const { engine, table } = effects
  const dialect = dialects[engine.dialect]
  const schema = workSchema(contract)
  const name = (part: string): string => `${dialect.identifier(schema)}.${dialect.identifier(part)}`
  const bronze = table(`bronze/${contract.name}`)
  const at = standing.bronze?.version === to ? standing.bronze : await bronze.snapshotAt(to)
  const files: readonly DataFile[] = from === -1 ? at.files : (await bronze.dataChangesBetween(from, to)).added
  await engine.run(
    `DROP SCHEMA IF EXISTS ${dialect.identifier(schema)} CASCADE; CREATE SCHEMA ${dialect.identifier(schema)}`,
  )
  await attachFiles(`${schema}.records`, { root: bronze.root, columns: at.columns, files }, effects)

  const bindings = await readBindings(contract, schema, standing.file, dialect, effects)
  const parse = async (relation: string, target: string): Promise<readonly Bound[]> => {
    const present = await engine.query(`SELECT DISTINCT source FROM ${relation}`)
    const bound = groupSources(
      contract,
      present.rows.map(([source]) => String(source)),
      bindings,
    )
    const selects = bound.map(({ binding, sources }) =>
      compileClean(
        contract,
        binding,
        { relation, where: `source IN (${sources.map(dialect.literal).join(', ')})` },
        dialect,
      ),
    )
    const none = compileClean(contract, undefined, { relation, where: 'false' }, dialect)
    await engine.run(`CREATE TABLE ${target} AS ${(selects.length > 0 ? selects : [none]).join('\nUNION ALL\n')}`)
    return bound
  }
  const bound = await parse(name('records'), name('parsed'))

  const coordinates = ['source', 'partition', 'offset'].map(dialect.identifier).join(', ')
  const incremental = from > -1 && !standing.silver.replace
  if (incremental) {
    await attachSnapshot(`${schema}.silver`, table(standing.silver.root), standing.silver.snapshot, [], effects)
    await attachSnapshot(
      `${schema}.displaced`,
      table(standing.displaced.root),
      standing.displaced.snapshot,
      displacedColumns,
      effects,
    )
    await engine.run(
      `CREATE TABLE ${name('current')} AS SELECT ${coordinates}, ${keyHash(contract, dialect)} AS key_hash FROM ${name('silver')}`,
    )
  } else {
    await engine.run(
      `CREATE TABLE ${name('current')} AS SELECT ${coordinates}, _key_hash AS key_hash FROM ${name('parsed')} WHERE false`,
    )
    await engine.attach({ name: `${schema}.displaced`, columns: displacedColumns, files: [] })
  }
  await engine.run(`CREATE TABLE ${name('contested')} AS
    WITH fresh AS (SELECT _key_hash AS key_hash FROM ${name('parsed')} WHERE _rule IS NULL)
    SELECT key_hash FROM fresh GROUP BY key_hash HAVING count(*) > 1
    UNION SELECT key_hash FROM fresh WHERE key_hash IN (SELECT key_hash FROM ${name('current')})
    UNION SELECT key_hash FROM fresh WHERE key_hash IN (SELECT key_hash FROM ${name('displaced')} WHERE dataset = ${dialect.literal(contract.name)})`)
  const contested = await countOf(`${name('contested')}`, effects)

  const isContested = `key_hash IN (SELECT key_hash FROM ${name('contested')})`
  const now = `SELECT ${coordinates} FROM ${name('current')} WHERE ${isContested}`
  if (contested > 0) {
    // What a Silver row was made of is read from Bronze again: its measures stand in another table, and its hash nowhere.
    await attachSnapshot(`${schema}.bronze`, bronze, at, bronzeColumns, effects)
    await engine.run(
      `CREATE TABLE ${name('standing')} AS SELECT * FROM ${name('bronze')} WHERE (${coordinates}) IN (${now})`,
    )
    await parse(name('standing'), name('standing_parsed'))
  }
  const record = (relation: string, fresh: boolean): string =>
    `SELECT ${coordinates}, event_ts, ingest_ts, _key_hash AS key_hash, ${valueHash(contract, dialect)} AS value_hash, ${fresh} AS fresh FROM ${relation} WHERE _rule IS NULL AND _${isContested}`
  const order = ['event_ts', 'source', 'partition', 'offset']
    .map((column) => `${dialect.identifier(column)} DESC NULLS LAST`)
    .join(', ')
  await engine.run(`CREATE TABLE ${name('fate')} AS
    WITH every AS (
      ${record(name('parsed'), true)}
      ${contested > 0 ? `UNION ALL ${record(name('standing_parsed'), false)}` : ''}
      UNION ALL SELECT ${coordinates}, event_ts, ingest_ts, key_hash, value_hash, false FROM ${name('displaced')} WHERE dataset = ${dialect.literal(contract.name)} AND ${isContested}
    ), once AS (
      SELECT ${coordinates}, max(event_ts) AS event_ts, max(ingest_ts) AS ingest_ts, max(key_hash) AS key_hash, max(value_hash) AS value_hash, bool_or(fresh) AS fresh
      FROM every GROUP BY ${coordinates}
    ), ranked AS (
      SELECT *, row_number() OVER of_key AS in_key, row_number() OVER of_values AS in_values,
        first_value(source) OVER of_key AS key_source, first_value(${dialect.identifier('offset')}) OVER of_key AS key_offset,
        first_value(source) OVER of_values AS values_source, first_value(${dialect.identifier('offset')}) OVER of_values AS values_offset
      FROM once WINDOW of_key AS (PARTITION BY key_hash ORDER BY ${order}), of_values AS (PARTITION BY key_hash, value_hash ORDER BY ${order})
    )
    SELECT *, CASE WHEN in_key = 1 THEN 'silver' WHEN in_values = 1 THEN 'superseded' ELSE 'duplicate' END AS fate,
      CASE WHEN in_values = 1 THEN key_source ELSE values_source END AS by_source,
      CASE WHEN in_values = 1 THEN key_offset ELSE values_offset END AS by_offset
    FROM ranked`)
  await engine.run(
    `CREATE TABLE ${name('gained')} AS SELECT ${coordinates} FROM ${name('parsed')} WHERE _rule IS NULL AND (NOT (_${isContested}) OR (${coordinates}) IN (SELECT ${coordinates} FROM ${name('fate')} WHERE fate = 'silver' AND fresh))`,
  )
  await engine.run(
    `CREATE TABLE ${name('ousted')} AS ${now} AND (${coordinates}) IN (SELECT ${coordinates} FROM ${name('fate')} WHERE fate <> 'silver')`,
  )
  return {
    dialect,
    records: name('records'),
    parsed: name('parsed'),
    gained: name('gained'),
    ousted: (await countOf(name('ousted'), effects)) > 0 ? name('ousted') : undefined,
    contested: contested > 0 ? name('contested') : undefined,
    fate: name('fate'),
    privateKeys: privateKeys(contract, bound),
  }
}

async function countOf(relation: string, { engine }: Pick<CleanEffects, 'engine'>): Promise<number> {
  return Number((await engine.query(`SELECT count(*) FROM ${relation}`)).rows[0]?.[0] ?? 0)
}

interface Bound {
  readonly binding: Binding | undefined
  readonly sources: readonly string[]
}

/** What the landing recorded of each source: which layout took it, and the keys of its records. */
async function readBindings(
  contract: Contract,
  schema: string,
  file: Snapshot | undefined,
  dialect: Dialect,
  effects: CleanEffects,
): Promise<ReadonlyMap<string, { layout: string; headers: string }>> {
  await attachSnapshot(`${schema}.file`, effects.table('bronze/file'), file, fileColumns, effects)
  const { rows } = await effects.engine.query(
    `SELECT source, layout, headers FROM ${dialect.identifier(schema)}.${dialect.identifier('file')}
      WHERE dataset = ${dialect.literal(contract.name)} AND layout IS NOT NULL ORDER BY fetched_at, name`,
  )
  return new Map(
    rows.map(([source, layout, headers]) => [String(source), { layout: String(layout), headers: String(headers) }]),
  )
}

/** Sources of the same layout with the same keys are cleaned by one select. */
function groupSources(
  contract: Contract,
  sources: readonly string[],
  recorded: ReadonlyMap<string, { layout: string; headers: string }>,
): readonly Bound[] {
  const groups = new Map<string, { binding: Binding | undefined; sources: string[] }>()
  for (const source of [...sources].sort()) {
    const known = recorded.get(source)
    const key = known === undefined ? '' : `${known.layout}\n${known.headers}`
    const group = groups.get(key) ?? { binding: known && bindingOf(contract, known), sources: [] }
    group.sources.push(source)
    groups.set(key, group)
  }
  return [...groups.values()]
}

function bindingOf(contract: Contract, recorded: { layout: string; headers: string }): Binding | undefined {
  const keys: unknown = JSON.parse(recorded.headers)
  const headers = Array.isArray(keys) ? keys.map(String) : []
  const layout =
    contract.layouts.find(({ name }) => name === recorded.layout) ??
    // The contract was rewritten since: the layout has another name, or another takes these records.
    (['csv', 'socrata', 'geojson', 'topojson'] as const)
      .map((format) => matchLayout(contract, format, headers))
      .find((each) => each !== undefined)
  return layout && bindHeaders(layout, headers)
}

function privateKeys(contract: Contract, bound: readonly Bound[]): readonly string[] {
  const dropped = Object.values(contract.columns).filter(({ privacy }) => privacy === 'drop')
  const keys = dropped.flatMap(({ from = [] }) => [
    ...from,
    ...bound.flatMap(({ binding }) => binding?.keyOf(from) ?? []),
  ])
  return [...new Set(keys)]
}

/** The select of the rows that Silver gains. */
export function gainedRows(contract: Contract, batch: CleanBatch, columns: readonly string[]): string {
  const { identifier } = batch.dialect
  const coordinates = ['source', 'partition', 'offset'].map(identifier).join(', ')
  const known = new Set([
    ...keptColumns(contract).map(([column]) => column),
    'source',
    'partition',
    'offset',
    'event_ts',
    'ingest_ts',
    'missing',
    'warnings',
  ])
  const chosen = columns.filter((column) => known.has(column)).map(identifier)
  return `SELECT ${chosen.join(', ')} FROM ${batch.parsed} WHERE _rule IS NULL AND (${coordinates}) IN (SELECT ${coordinates} FROM ${batch.gained})`
}

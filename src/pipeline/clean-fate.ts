import { keptColumns, keyBucket, keyHash, silverColumns, valueHash } from '#compile'
import type { Snapshot } from '#lake'
import { parseRecords } from './clean-binding.ts'
import { filesMeeting, filesThatMayHold, soughtTexts } from './clean-bounds.ts'
import type { DatasetStanding } from './clean-standing.ts'
import { sourcesOfFiles } from './clean-standing.ts'
import { displacedColumns } from './clean-tables.ts'
import type { Work } from './clean-work.ts'
import { coordinates, countOf } from './clean-work.ts'
import { attachFiles, selectFiles } from './exchange.ts'
import { bronzeColumns } from './land/index.ts'

/** Where the records of a batch go, and what that does to those that stand. Names are relations, quoted; undefined where there is nothing. */
export interface Fates {
  /** Records that share their key with another, each with where it goes: all of a key where its values differ, else those that are new. */
  readonly fate: string | undefined
  /** Silver's rows that go. */
  readonly ousted: string | undefined
  /** Displaced rows that are told anew. */
  readonly past: string | undefined
  /** Records that were displaced and stand again, typed. */
  readonly back: string | undefined
}

const noFates: Fates = { fate: undefined, ousted: undefined, past: undefined, back: undefined }

export interface Batch {
  /** All of Bronze at the version that the batch brings the tables to. */
  readonly bronze: () => Promise<Snapshot>
  readonly records: number
  /** The Bronze version that Silver stands for. */
  readonly from: number
  /** True where Silver's rows are from this contract, and stay but for what the batch changes. */
  readonly incremental: boolean
  readonly standing: DatasetStanding
  /** Topic by source; learns of those that are read again. */
  readonly topics: Map<string, string>
}

/**
 * Of the records with one key the values of the newest stand; of those that hold these values, the first. So a record that is sent again changes nothing.
 * Order: when it was made, then source, partition, offset. Silver is looked into only where a file may hold one of the keys, and the displaced only where a key's values
 * differ, as every key there also stands in Silver.
 */
export async function decideFates(work: Work, batch: Batch): Promise<Fates> {
  const { contract, dialect, effects, name } = work
  const { identifier: id } = dialect
  const { engine } = effects
  const own = coordinates(dialect)
  const fields = `${own}, event_ts, ingest_ts, key_hash, value_hash`
  const fresh = `SELECT * FROM ${name('parsed')} WHERE _rule IS NULL`
  const held = batch.incremental ? await attachStanding(work, batch, `(${fresh})`) : undefined

  // Most keys are met once, and a bucket that holds one record tells so without any hash of it.
  const bucket = keyBucket(contract, dialect)
  const shared = `SELECT bucket FROM (SELECT ${bucket} AS bucket FROM ${name('parsed')} WHERE _rule IS NULL) GROUP BY bucket HAVING count(*) > 1`
  await engine.run(
    `CREATE TABLE ${name('shared')} AS ${shared}${held === undefined ? '' : ` UNION SELECT bucket FROM ${held}`}`,
  )
  if ((await countOf(name('shared'), effects)) === 0) return noFates
  await engine.run(`CREATE TABLE ${name('met')} AS
    WITH fresh AS (
      SELECT ${own}, event_ts, ingest_ts, ${keyHash(contract, dialect)} AS key_hash, ${valueHash(contract, dialect)} AS value_hash
      FROM (${fresh} AND ${bucket} IN (SELECT bucket FROM ${name('shared')}))
    ), contested AS (
      SELECT key_hash FROM fresh GROUP BY key_hash HAVING count(*) > 1
      ${held === undefined ? '' : `UNION SELECT key_hash FROM ${held}`}
    )
    SELECT ${fields}, true AS fresh FROM fresh WHERE key_hash IN (SELECT key_hash FROM contested)
    ${held === undefined ? '' : `UNION ALL SELECT ${fields}, false FROM ${held}`}`)
  // Where every new record of a key holds what stands already, and comes after it, nothing else has to be known of the key.
  const order = ['event_ts', 'source', 'partition', 'offset']
  const tuple = (relation: string): string => `(${order.map((column) => `${relation}.${id(column)}`).join(', ')})`
  const differing = `SELECT DISTINCT f.key_hash FROM ${name('met')} AS f INNER JOIN ${name('met')} AS s ON s.key_hash = f.key_hash AND f.fresh AND NOT s.fresh
      AND NOT COALESCE(f.value_hash = s.value_hash AND f.event_ts IS NOT NULL AND s.event_ts IS NOT NULL AND ${tuple('f')} > ${tuple('s')}, false)`
  const { rows } = await engine.query(
    `SELECT (SELECT count(*) FROM ${name('met')}), ${held === undefined ? '0' : `(SELECT count(*) FROM (${differing}))`}`,
  )
  const [met, hard] = (rows[0] ?? []).map(Number)
  if (met === 0) return noFates

  const more: string[] = []
  if (hard !== 0) {
    await engine.run(`CREATE TABLE ${name('hard')} AS ${differing}`)
    await readPast(work, batch)
    more.push(`SELECT ${fields}, false AS fresh, topic FROM ${name('past')}`)
    // An interrupted batch may have taken a record from the displaced, to put it back into Silver, and not have come to that: those beside it name it.
    const pointers = `(SELECT DISTINCT by_source AS source, by_offset AS ${id('offset')} FROM ${name('past')})`
    const isAhead = batch.standing.displaced.position > batch.from
    if (isAhead && (await recall(work, batch, pointers, ['source', 'offset'], 'pointed')))
      more.push(
        `SELECT ${own}, event_ts, ingest_ts, ${keyHash(contract, dialect)}, ${valueHash(contract, dialect)}, false, NULL FROM ${name('pointed')} WHERE _rule IS NULL AND ${keyHash(contract, dialect)} IN (SELECT key_hash FROM ${name('hard')})`,
      )
  }
  const all = `SELECT ${fields}, fresh, NULL::VARCHAR AS topic FROM ${name('met')}`
  // What an interrupted batch has displaced already is met twice.
  const once =
    more.length === 0
      ? all
      : `SELECT ${own}, max(event_ts) AS event_ts, max(ingest_ts) AS ingest_ts, max(key_hash) AS key_hash, max(value_hash) AS value_hash, bool_or(fresh) AS fresh, max(topic) AS topic
        FROM (${[all, ...more].join(' UNION ALL ')}) GROUP BY ${own}`
  const newest = order.map((column) => `${id(column)} DESC NULLS LAST`).join(', ')
  const first = order.map((column) => `${id(column)} NULLS FIRST`).join(', ')
  const offset = id('offset')
  await engine.run(`CREATE TABLE ${name('fate')} AS
    WITH once AS (${once}), ranked AS (
      SELECT *, row_number() OVER of_values = 1 AS is_first, value_hash = first_value(value_hash) OVER of_key AS is_newest,
        first_value(source) OVER of_values AS first_source, first_value(${offset}) OVER of_values AS first_offset
      FROM once WINDOW of_key AS (PARTITION BY key_hash ORDER BY ${newest}), of_values AS (PARTITION BY key_hash, value_hash ORDER BY ${first})
    ), standing AS (
      SELECT key_hash AS of_key, source AS key_source, ${offset} AS key_offset FROM ranked WHERE is_first AND is_newest
    )
    SELECT ranked.*, CASE WHEN NOT is_first THEN 'duplicate' WHEN is_newest THEN 'silver' ELSE 'superseded' END AS fate,
      CASE WHEN is_first THEN key_source ELSE first_source END AS by_source, CASE WHEN is_first THEN key_offset ELSE first_offset END AS by_offset
    FROM ranked INNER JOIN standing ON of_key = key_hash`)
  if (hard === 0 || held === undefined)
    return { fate: name('fate'), ousted: undefined, past: undefined, back: undefined }

  await engine.run(
    `CREATE TABLE ${name('ousted')} AS SELECT * FROM ${held} WHERE (${own}) IN (SELECT ${own} FROM ${name('fate')} WHERE fate <> 'silver')`,
  )
  await nameTopics(work, batch)
  const comeback = `(SELECT ${own} FROM ${name('fate')} WHERE fate = 'silver' AND NOT fresh AND (${own}) NOT IN (SELECT ${own} FROM ${held}))`
  const isBack = await recall(work, batch, comeback, ['source', 'partition', 'offset'], 'back')
  return {
    fate: name('fate'),
    ousted: (await countOf(name('ousted'), effects)) > 0 ? name('ousted') : undefined,
    past: name('past'),
    back: isBack ? name('back') : undefined,
  }
}

/** Silver's rows with one of the fresh keys, hashed; undefined where there are none that could be. */
async function attachStanding(work: Work, batch: Batch, fresh: string): Promise<string | undefined> {
  const { contract, dialect, effects, name } = work
  const { snapshot, root } = batch.standing.silver
  const columns = silverColumns(contract)
  const keys = columns.filter((column) => contract.key.includes(column.name))
  if (snapshot === undefined || snapshot.files.length === 0) return undefined
  const files = await filesMeeting(snapshot.files, fresh, keys, batch.records, effects)
  if (files.length === 0) return undefined
  const paths = await effects.scratch.localPaths(files.map(({ path }) => `${root}/${path}`))
  const names = columns.map((column) => column.name)
  const isWhole = keptColumns(contract).every(([column]) => names.includes(column))
  const meets = keys.map(({ name: key }) => {
    const column = dialect.identifier(key)
    const never = contract.columns[key]?.required?.severity === 'reject'
    return `held.${column} ${never ? '=' : 'IS NOT DISTINCT FROM'} fresh.${column}`
  })
  const own = coordinates(dialect, 'held')
  const found = `SELECT ${own}, held.event_ts, held.ingest_ts, held.warnings, ${keyBucket(contract, dialect)} AS bucket, ${keyHash(contract, dialect)} AS key_hash, ${isWhole ? valueHash(contract, dialect) : 'NULL'} AS value_hash
      FROM (${selectFiles(dialect, { columns, partitionColumns: snapshot.partitionColumns, files }, paths)}) AS held SEMI JOIN (SELECT ${keys.map((key) => dialect.identifier(key.name)).join(', ')} FROM ${fresh}) AS fresh ON ${meets.join(' AND ')}`
  await effects.engine.run(`CREATE TABLE ${name('held')} AS ${found}`)
  if (isWhole) return name('held')
  // Its measures stand in another table, so what a row was made of is read from Bronze again.
  const recalled = await recall(work, batch, name('held'), ['source', 'partition', 'offset'], 'held_parsed')
  if (!recalled) return name('held')
  const at = coordinates(dialect)
  await effects.engine.run(`CREATE TABLE ${name('held_whole')} AS
    SELECT held.* EXCLUDE (value_hash), again.value_hash FROM ${name('held')} AS held
    INNER JOIN (SELECT ${at}, ${valueHash(contract, dialect)} AS value_hash FROM ${name('held_parsed')}) AS again USING (${at})`)
  return name('held_whole')
}

/** What is displaced under the keys whose values differ. */
async function readPast({ contract, dialect, effects, name, place }: Work, { standing }: Batch): Promise<void> {
  const { snapshot, root } = standing.displaced
  const files = filesThatMayHold(snapshot?.files ?? [], [soughtTexts('dataset', [contract.name])])
  await attachFiles(place('displaced'), { root, columns: displacedColumns, files }, effects)
  await effects.engine.run(
    `CREATE TABLE ${name('past')} AS SELECT * FROM ${name('displaced')} WHERE dataset = ${dialect.literal(contract.name)} AND key_hash IN (SELECT key_hash FROM ${name('hard')})`,
  )
}

/** Topics of rows that go to the displaced and came by a topic that the batch does not speak of. */
async function nameTopics(work: Work, batch: Batch): Promise<void> {
  const { contract, dialect, effects, name } = work
  const { rows } = await effects.engine.query(`SELECT DISTINCT source FROM ${name('ousted')}`)
  const known = batch.topics
  const files = sourcesOfFiles(batch.standing.file, contract.name)
  const unknown = rows.map(([source]) => String(source)).filter((source) => !known.has(source) && !files.has(source))
  if (unknown.length === 0) return
  const wanted = `(SELECT DISTINCT ON (source) ${coordinates(dialect)} FROM ${name('ousted')} WHERE source IN (${unknown.map(dialect.literal).join(', ')}))`
  await recall(work, batch, wanted, ['source', 'partition', 'offset'], 'topics')
}

/** Reads these records from Bronze again and types them. Answers false where there are none. */
async function recall(
  work: Work,
  batch: Batch,
  wanted: string,
  by: readonly ('source' | 'partition' | 'offset')[],
  target: string,
): Promise<boolean> {
  const { dialect, effects, name, place } = work
  const count = await countOf(wanted, effects)
  if (count === 0) return false
  const bronze = await batch.bronze()
  const columns = bronzeColumns.filter((column) => by.some((each) => each === column.name))
  const files = await filesMeeting(bronze.files, wanted, columns, count, effects)
  const root = `bronze/${work.contract.name}`
  await attachFiles(
    place(`${target}_bronze`),
    { root, columns: bronze.columns, partitionColumns: bronze.partitionColumns, files },
    effects,
  )
  const list = by.map(dialect.identifier).join(', ')
  await effects.engine.run(
    `CREATE TABLE ${name(`${target}_records`)} AS SELECT * FROM ${name(`${target}_bronze`)} WHERE (${list}) IN (SELECT ${list} FROM ${wanted})`,
  )
  const parsed = await parseRecords(work, name(`${target}_records`), target, batch.standing.file)
  for (const [source, topic] of parsed.topics) batch.topics.set(source, topic)
  return true
}

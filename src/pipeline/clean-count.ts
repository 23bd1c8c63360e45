import { dialects, silverColumns } from '#compile'
import type { Contract } from '#contract'
import { filesThatMayHold, soughtTexts } from './clean-bounds.ts'
import type { DatasetStanding } from './clean-standing.ts'
import { displacedColumns, ledgerColumns, quarantineColumns } from './clean-tables.ts'
import type { LedgerLine, LedgerStanding } from './clean-tally.ts'
import { countsOf } from './clean-tally.ts'
import type { CleanEffects } from './clean-work.ts'
import { workOf } from './clean-work.ts'
import { attachSnapshot } from './exchange.ts'
import { bronzeColumns, fileColumns } from './land/index.ts'

/** Every line of the dataset's ledger, counted from each table as it stands. */
export async function countLedger(
  contract: Contract,
  standing: DatasetStanding,
  effects: CleanEffects,
): Promise<readonly LedgerLine[]> {
  const { engine, table } = effects
  const { dialect, place, name } = workOf(contract, effects)
  const version = standing.silver.position
  const bronze = table(`bronze/${contract.name}`)
  const at = version < 0 ? undefined : await bronze.snapshotAt(version)
  await attachSnapshot(place('l_bronze'), bronze, at, bronzeColumns, effects)
  await attachSnapshot(place('l_file'), table('bronze/file'), standing.file, fileColumns, effects)
  const silver = version < 0 ? undefined : standing.silver.snapshot
  await attachSnapshot(place('l_silver'), table(standing.silver.root), silver, silverColumns(contract), effects)
  await attachSnapshot(
    place('l_quarantine'),
    table(standing.quarantine.root),
    standing.quarantine.snapshot,
    quarantineColumns,
    effects,
  )
  await attachSnapshot(
    place('l_displaced'),
    table(standing.displaced.root),
    standing.displaced.snapshot,
    displacedColumns,
    effects,
  )
  const dataset = dialect.literal(contract.name)
  await engine.run(`CREATE OR REPLACE TABLE ${name('counted')} AS
    SELECT source, rule, max(topic) AS topic, CAST(sum(landed) AS BIGINT) AS landed, CAST(sum(silver) AS BIGINT) AS silver, CAST(sum(quarantined) AS BIGINT) AS quarantined,
      CAST(sum(duplicates) AS BIGINT) AS duplicates, CAST(sum(superseded) AS BIGINT) AS superseded, CAST(sum(warned) AS BIGINT) AS warned
    FROM (
      SELECT source, '' AS rule, max(topic) AS topic, count(*) AS landed, 0 AS silver, 0 AS quarantined, 0 AS duplicates, 0 AS superseded, 0 AS warned FROM ${name('l_bronze')} GROUP BY source
      UNION ALL SELECT source, '', NULL, 0, count(*), 0, 0, 0, count(warnings) FROM ${name('l_silver')} GROUP BY source
      UNION ALL SELECT source, unnest(['', rule]), NULL, 0, 0, count(*), 0, 0, 0 FROM ${name('l_quarantine')} WHERE dataset = ${dataset} GROUP BY source, rule
      UNION ALL SELECT source, '', NULL, 0, 0, 0, count(*) FILTER (WHERE fate = 'duplicate'), count(*) FILTER (WHERE fate = 'superseded'), 0 FROM ${name('l_displaced')} WHERE dataset = ${dataset} GROUP BY source
      UNION ALL SELECT source, rule, NULL, 0, 0, 0, 0, 0, count(*) FROM (SELECT source, unnest(string_split(warnings, ',')) AS rule FROM ${name('l_silver')} WHERE warnings IS NOT NULL) GROUP BY source, rule
    ) GROUP BY source, rule`)
  // Of several files with the same records, the first has the counts and the others have none. What no file brought, a topic did.
  await engine.run(`CREATE OR REPLACE TABLE ${name('named')} AS
    WITH once AS (SELECT source, name, min(same_as IS NOT NULL) AS again, min(fetched_at) AS since FROM ${name('l_file')} WHERE dataset = ${dataset} GROUP BY source, name)
    SELECT source, name, row_number() OVER (PARTITION BY source ORDER BY again, since, name) AS place FROM once
    UNION ALL SELECT source, COALESCE(max(topic), source), 1 FROM ${name('counted')} WHERE source NOT IN (SELECT source FROM once) GROUP BY source`)
  const count = (column: string): string =>
    `CAST(CASE WHEN named.place = 1 THEN COALESCE(counted.${column}, 0) ELSE 0 END AS BIGINT) AS ${column}`
  const counts = ['landed', 'silver', 'quarantined', 'duplicates', 'superseded', 'warned'].map(count).join(', ')
  await engine.run(`CREATE OR REPLACE TABLE ${name('entries')} AS
    SELECT ${dataset} AS dataset, named.source, named.name AS file_name, COALESCE(counted.rule, '') AS rule, ${counts}
    FROM ${name('named')} AS named LEFT JOIN ${name('counted')} AS counted ON counted.source = named.source AND (named.place = 1 OR counted.rule = '')
    ORDER BY file_name, named.source, rule`)
  const names = ledgerColumns.map((column) => dialect.identifier(column.name)).join(', ')
  const { rows } = await engine.query(`SELECT ${names} FROM ${name('entries')} ORDER BY file_name, source, rule`)
  return rows.map(lineOf)
}

function lineOf([dataset, source, fileName, rule, ...counts]: readonly unknown[]): LedgerLine {
  return {
    dataset: String(dataset),
    source: String(source),
    fileName: String(fileName),
    rule: String(rule),
    ...countsOf(counts),
  }
}

/** The dataset's lines as the ledger has them. */
export async function readLedger(
  dataset: string,
  { ledger }: DatasetStanding,
  { engine, scratch }: CleanEffects,
): Promise<LedgerStanding> {
  const files = filesThatMayHold(ledger.snapshot?.files ?? [], [soughtTexts('dataset', [dataset])])
  if (files.length === 0) return { own: [], others: [], remove: [] }
  const paths = await scratch.localPaths(files.map(({ path }) => `${ledger.root}/${path}`))
  const names = ledgerColumns.map(({ name }) => name)
  const { rows } = await engine.query(
    `SELECT file, ${names.join(', ')} FROM (${dialects[engine.dialect].files(paths, ledgerColumns)})`,
  )
  const lines = rows.map(([file, ...line]) => ({ file: String(file), line: lineOf(line) }))
  const hit = new Set(lines.flatMap(({ file, line }) => (line.dataset === dataset ? [file] : [])))
  const inHit = lines.filter(({ file }) => hit.has(file)).map(({ line }) => line)
  return {
    own: inHit.filter((line) => line.dataset === dataset),
    others: inHit.filter((line) => line.dataset !== dataset),
    remove: files.filter((_, index) => hit.has(paths[index] ?? '')),
  }
}

import type { Publication, StageEffects } from '#pipeline'
import { attachSnapshot, liveLine, newestPublication, rootOf, runLine } from '#pipeline'
import type { Row } from '#port'
import { Fault, noFailpoint } from '#port'
import type { QueryAnswer, QueryOptions, WorkEffects } from './api.ts'
import { listDatasets } from './contracts.ts'
import { requiredLake } from './lake.ts'
import { lakeTables } from './project.ts'
import { inWorkshop } from './workshop.ts'

/** A person's select, answered in an engine that can reach the lake's tables and nothing else. */
export async function queryLake(
  { lake: folder, datasets, sql, limits }: QueryOptions,
  { report, signal }: WorkEffects,
): Promise<QueryAnswer> {
  const lake = await requiredLake(folder, { report, failpoint: noFailpoint })
  const tables = lakeTables(await listDatasets({ datasets }))
  const workshop = { report, signal, failpoint: noFailpoint }
  return inWorkshop(lake, { engine: { memoryMb: limits.memoryMb } }, workshop, async (effects) => {
    const publications = [await newestPublication(runLine, lake), await newestPublication(liveLine, lake)]
    const wanted = wantedBy(sql)
    for (const { name, columns } of tables) {
      if (!wanted(name)) continue
      const table = lake.table(rootOf(name))
      await attachSnapshot(name, table, await table.snapshot(), columns, effects)
    }
    for (const publication of publications)
      if (publication !== undefined) await attachGold(publication, wanted, effects)
    await effects.engine.confine()
    return answer(sql, limits, effects)
  })
}

/** Gold as one publication names it. */
export async function attachGold(
  publication: Publication,
  wanted: (name: string) => boolean,
  effects: StageEffects,
): Promise<void> {
  for (const { table: name, version } of publication.gold) {
    if (!wanted(`gold.${name}`)) continue
    const table = effects.table(rootOf(`gold.${name}`))
    const snapshot = await table.snapshotAt(version)
    await attachSnapshot(`gold.${name}`, table, snapshot, snapshot.columns, effects)
  }
}

/** Tables that a text may speak of; all of them where it asks which there are. */
function wantedBy(sql: string): (name: string) => boolean {
  const text = sql.toLowerCase()
  if (/information_schema|duckdb_|sqlite_|pg_|\b(show|describe|summarize)\b/.test(text)) return () => true
  return (name) => text.includes(name.slice(name.indexOf('.') + 1))
}

async function answer(sql: string, limits: QueryOptions['limits'], { engine }: StageEffects): Promise<QueryAnswer> {
  let late = false
  const timer = setTimeout(() => {
    late = true
    engine.cancel()
  }, limits.timeoutMs)
  try {
    const { columns, batches } = engine.stream(sql)
    const rows: Row[] = []
    for await (const batch of batches) {
      rows.push(...batch)
      if (rows.length > limits.maxRows) break
    }
    const truncated = rows.length > limits.maxRows
    return { columns: await columns, rows: truncated ? rows.slice(0, limits.maxRows) : rows, truncated }
  } catch (error) {
    if (late) {
      throw new Fault('query/timeout', `The query took longer than ${limits.timeoutMs} ms.`, {
        mend: 'Ask for less, or raise query.timeoutMs.',
        cause: error,
      })
    }
    throw error
  } finally {
    clearTimeout(timer)
  }
}

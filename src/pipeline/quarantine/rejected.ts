import { dialects } from '#compile'
import type { Snapshot } from '#lake'
import type { Column } from '#port'
import { filesThatMayHold, soughtTexts } from '../clean-bounds.ts'
import { replayColumns, replayRoot } from '../clean-marks.ts'
import { quarantineColumns } from '../clean-tables.ts'
import type { StageEffects } from '../effects.ts'
import { attachFiles } from '../exchange.ts'
import type { QuarantineFilter } from './filter.ts'
import { conditionOf } from './filter.ts'

export type LookEffects = Pick<StageEffects, 'table' | 'engine' | 'scratch'>

const own = ['dataset', 'source', 'partition', 'offset']

/** Select of the quarantined records that are meant, each with how often a replay took it (`replays`), and how often mended (`mended`). Their tables stand in the engine's `schema`. */
export async function attachRejected(
  schema: string,
  filter: QuarantineFilter,
  { table, engine, scratch }: LookEffects,
): Promise<string> {
  const dialect = dialects[engine.dialect]
  const dataset = filter.record?.dataset ?? filter.dataset
  const attach = async (name: string, root: string, columns: readonly Column[]): Promise<string> => {
    const snapshot: Snapshot | undefined = await table(root).snapshot()
    const all = snapshot?.files ?? []
    const files = dataset === undefined ? all : filesThatMayHold(all, [soughtTexts('dataset', [dataset])])
    const at = `${schema}.${name}`
    await attachFiles(at, { root, columns: snapshot?.columns ?? columns, files }, { engine, scratch })
    return `${dialect.identifier(schema)}.${dialect.identifier(name)}`
  }
  const quarantine = await attach('quarantine', 'silver/quarantine', quarantineColumns)
  const marks = await attach('replay', replayRoot, replayColumns)
  const at = own.map(dialect.identifier).join(', ')
  return `SELECT * FROM (
      SELECT rejected.*, COALESCE(taken.replays, 0) AS replays, COALESCE(taken.mended, 0) AS mended FROM ${quarantine} AS rejected
      LEFT JOIN (SELECT ${at}, count(*) AS replays, count(as_source) AS mended FROM ${marks} GROUP BY ${at}) AS taken USING (${at})
    ) WHERE ${conditionOf(filter, dialect)}`
}

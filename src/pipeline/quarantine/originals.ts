import type { Snapshot } from '#lake'
import { Fault } from '#port'
import { readLayouts } from '../clean-binding.ts'
import { sourcesOfFiles } from '../clean-standing.ts'
import type { Work } from '../clean-work.ts'
import { coordinates } from '../clean-work.ts'
import { recallRecords } from './desk.ts'
import type { MendedLine, Original } from './mended.ts'
import { recordId } from './record.ts'
import { attachRejected } from './rejected.ts'
import { bytesOfCell, headersOfCell } from './show.ts'

/** The quarantined record that a line names. */
export async function findOriginals(
  desk: Work,
  lines: readonly MendedLine[],
  file: Snapshot | undefined,
): Promise<(line: MendedLine) => Original> {
  const { contract, dialect, effects } = desk
  const asked = await loadCoordinates(
    desk,
    'asked',
    lines.map(({ at }) => at),
  )
  const rejected = await attachRejected(`replay_${contract.name}`, { dataset: contract.name, open: false }, effects)
  const bronze = await effects.table(`bronze/${contract.name}`).snapshot()
  if (bronze !== undefined) await recallRecords(desk, asked, bronze, 'originals')
  const own = coordinates(dialect)
  const { rows } =
    bronze === undefined
      ? { rows: [] }
      : await effects.engine.query(
          `SELECT ${own}, rejected.topic, epoch_us(rejected."timestamp"), landed.timestamp_type, rejected.rule, rejected.contract, rejected.key, rejected.value, rejected.headers
           FROM (${rejected}) AS rejected INNER JOIN (SELECT ${own}, timestamp_type FROM ${desk.name('originals')}) AS landed USING (${own})`,
        )
  const ofFiles = sourcesOfFiles(file, contract.name)
  const sources = new Set(rows.map(([source]) => String(source)).filter((source) => ofFiles.has(source)))
  const layouts = await readLayouts(desk, sources, file)
  const found = new Map(
    rows.map(([source, partition, offset, topic, timestamp, timestampType, rule, by, key, value, headers]) => {
      const at = {
        ...{ dataset: contract.name, source: String(source) },
        ...{ partition: Number(partition), offset: Number(offset) },
      }
      const original: Original = {
        ...{ at, topic: String(topic), timestamp: Number(timestamp), timestampType: String(timestampType) },
        ...{ rule: String(rule), rejectedBy: String(by), layout: layouts.get(at.source)?.layout },
        ...{ key: bytesOfCell(key), value: bytesOfCell(value), headers: headersOfCell(headers) },
      }
      return [recordId(at), original]
    }),
  )
  return ({ at, line }) => {
    const original = found.get(recordId(at))
    if (original !== undefined) return original
    throw new Fault('quarantine/not-there', `Line ${line} names ${recordId(at)}, which is not in quarantine.`, {
      mend: 'Nothing was replayed. Take the line out: the contract takes this record by now, or it never was here. fairlead quarantine show lists what is.',
      facts: { line, record: recordId(at) },
    })
  }
}

/** Makes a table of coordinates in the engine. */
export async function loadCoordinates(
  { effects, name }: Work,
  target: string,
  list: readonly { readonly source: string; readonly partition: number; readonly offset: number }[],
): Promise<string> {
  await effects.engine.run(
    `CREATE OR REPLACE TABLE ${name(target)} (source VARCHAR, "partition" INTEGER, "offset" BIGINT)`,
  )
  const rows = list.map(({ source, partition, offset }) => ({ source, partition, offset }))
  await effects.engine.run(
    `INSERT INTO ${name(target)} SELECT DISTINCT each.source, each."partition", each."offset" FROM (
      SELECT unnest(from_json($1, '[{"source":"VARCHAR","partition":"INTEGER","offset":"BIGINT"}]')) AS each)`,
    [JSON.stringify(rows)],
  )
  return name(target)
}

import { writeParquet } from '#parquet'
import type { MaintainEffects } from '#pipeline'
import type { FileTable, SqlEngine } from '#port'
import type { Scratch } from '../src/pipeline/effects.ts'
import type { RowReader } from './rows.ts'

type Workshop = Parameters<Parameters<MaintainEffects['inWorkshop']>[0]>[0]

const known = /^SELECT .* FROM maintain\.files( ORDER BY "source", "partition", "offset")?$/

/** An engine that knows the one select by which files are put together, and a scratch folder in memory. */
export function copyingWorkshop(rows: RowReader): Workshop {
  const written = new Map<string, Uint8Array>()
  let attached: FileTable | undefined
  const never = (): never => {
    throw new TypeError('the copying engine was asked for something else than to copy')
  }
  const scratch: Scratch = {
    folder: '/scratch',
    read: async (path) => written.get(path) ?? never(),
    async remove(path) {
      written.delete(path)
    },
    localPaths: async (objects) => objects,
  }
  const engine: SqlEngine = {
    dialect: 'duckdb',
    ...{ run: never, query: never, stream: never, describe: never, confine: never, session: never, cancel: never },
    async attach(table) {
      attached = table
    },
    async writeParquet(select, folder) {
      const match = known.exec(select)
      if (match === null || attached === undefined) return never()
      const { columns, files } = attached
      const held = (await Promise.all(files.map((path) => rows.ofPath(path, columns)))).flat()
      const sorted = match[1] === undefined ? held : held.toSorted(byPlace)
      const values = columns.map(({ name }) => sorted.map((row) => row[name] ?? null))
      const bytes = writeParquet(columns, values, sorted.length)
      const path = `${folder}/${written.size}.parquet`
      written.set(path, bytes)
      return sorted.length === 0 ? [] : [{ path, rows: sorted.length, sizeBytes: bytes.length }]
    },
    async close() {},
  }
  return { engine, scratch }
}

type Held = Awaited<ReturnType<RowReader['ofPath']>>[number]

function byPlace(a: Held, b: Held): number {
  const [one, other] = [String(a.source), String(b.source)]
  if (one !== other) return one < other ? -1 : 1
  return Number(a.partition) - Number(b.partition) || Number(a.offset) - Number(b.offset)
}

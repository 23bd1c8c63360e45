import type { Contract } from '#contract'
import type { DataFile, RowOf, Snapshot, Table } from '#lake'
import { readRows } from '#lake'
import type { NewRecord, ObjectStore, RecordHeader } from '#port'
import { Fault } from '#port'
import type { Produced, ProduceEffects } from './produce.ts'
import { partitionOf, startProducing } from './produce.ts'

export interface ReplayEffects extends ProduceEffects {
  readonly store: ObjectStore
  readonly table: (root: string) => Table
}

export interface Replayed extends Produced {
  /** Records without a value, which stand for files that cannot be read: they are not sent. */
  readonly leftOut: number
}

/** What one batch holds at most. */
const batchRecords = 1_000
const batchBytes = 1024 * 1024

const encoder = new TextEncoder()

/**
 * Sends what was landed of a dataset to its topic, in order of source, partition and offset: each record's bytes as they are, with the layout of its file and its
 * source as headers. A file's records keep their order, because they go to one partition. Once for each version of the Bronze table; stopped, it goes on.
 * Faults: `stream/nothing` (nothing of it was landed), the lake's and the log's own.
 */
export async function replayDataset(contract: Contract, effects: ReplayEffects): Promise<Replayed> {
  const { table, store, signal } = effects
  const root = `bronze/${contract.name}`
  const snapshot = await table(root).snapshot()
  if (snapshot === undefined) {
    throw new Fault('stream/nothing', `Nothing of ${contract.name} was landed, so there is nothing to send.`, {
      mend: 'Land its files first: fairlead run --from DIR.',
      facts: { dataset: contract.name },
    })
  }
  const layouts = await readLayouts(contract.name, effects)
  const id = `replay-${contract.name}-${snapshot.id}-${snapshot.version}`
  const { topic: name, partitions } = contract.stream ?? { topic: contract.name, partitions: 1 }
  const producer = await startProducing(name, partitions, id, effects)

  // Number of the next record that is read, among those to be sent.
  let number = 0
  let leftOut = 0
  let batch: NewRecord[] = []
  let sizeBytes = 0
  const flush = async (): Promise<void> => {
    // Records before the producer's place are in already: from an earlier call, or another process that was faster.
    const due = (): readonly NewRecord[] => batch.slice(Math.max(0, producer.sequence - (number - batch.length)))
    let isIn = due().length === 0
    while (!isIn) isIn = (await producer.append(due())) || due().length === 0
    batch = []
    sizeBytes = 0
  }
  for await (const row of inOrder(store, root, snapshot)) {
    if (signal.aborted) break
    if (!(row.value instanceof Uint8Array)) {
      leftOut += 1
      continue
    }
    batch.push(recordOf(row, row.value, layouts, producer.topic.partitions))
    number += 1
    sizeBytes += row.value.length
    if (batch.length >= batchRecords || sizeBytes >= batchBytes) await flush()
  }
  if (!signal.aborted) await flush()
  return { ...producer.end(!signal.aborted), leftOut }
}

function recordOf(row: RowOf, value: Uint8Array, layouts: ReadonlyMap<string, string>, partitions: number): NewRecord {
  const source = String(row.source)
  const key = row.key instanceof Uint8Array ? row.key : null
  const layout = layouts.get(source)
  const own = Array.isArray(row.headers) ? row.headers.flatMap(headerOf) : []
  const added = [...(layout === undefined ? [] : [['layout', layout] as const]), ['origin', source] as const]
  return {
    partition: partitionOf(key ?? encoder.encode(source), partitions),
    key,
    value,
    headers: [...own, ...added.map(([name, text]) => ({ key: name, value: encoder.encode(text) }))],
  }
}

function headerOf(header: unknown): readonly RecordHeader[] {
  if (typeof header !== 'object' || header === null) return []
  const [key, value] = [Reflect.get(header, 'key'), Reflect.get(header, 'value')]
  return value instanceof Uint8Array ? [{ key: String(key), value }] : []
}

/** The layout that took each file, by source. */
async function readLayouts(dataset: string, { table, store }: ReplayEffects): Promise<ReadonlyMap<string, string>> {
  const root = 'bronze/file'
  const snapshot = await table(root).snapshot()
  const read: RowOf[] = []
  if (snapshot !== undefined) {
    for await (const rows of readRows(store, root, snapshot, ['dataset', 'source', 'layout', 'fetched_at', 'name']))
      read.push(...rows.filter((row) => row.dataset === dataset && row.layout !== null))
  }
  // Of several readings of the same records the newest counts, as it does when they are cleaned.
  read.sort((a, b) => Number(a.fetched_at) - Number(b.fetched_at) || (String(a.name) < String(b.name) ? -1 : 1))
  return new Map(read.map(({ source, layout }) => [String(source), String(layout)]))
}

/** A file's records of one partition of one source: from the first offset to the last. */
interface Stretch {
  readonly source: string
  readonly partition: number
  readonly file: DataFile
  first: number
  last: number
}

/** The table's rows in order of source, partition and offset. In memory at once are those of one file, or of files whose offsets overlap. */
async function* inOrder(store: ObjectStore, root: string, snapshot: Snapshot): AsyncIterable<RowOf> {
  const only = (file: DataFile) => ({ ...snapshot, files: [file] })
  const stretches: Stretch[] = []
  for (const file of snapshot.files) {
    const found = new Map<string, Stretch>()
    for await (const rows of readRows(store, root, only(file), ['source', 'partition', 'offset'])) {
      for (const row of rows) {
        const [source, partition, offset] = [String(row.source), Number(row.partition), Number(row.offset)]
        const name = `${source} ${partition}`
        const stretch = found.get(name) ?? { source, partition, file, first: offset, last: offset }
        stretch.first = Math.min(stretch.first, offset)
        stretch.last = Math.max(stretch.last, offset)
        found.set(name, stretch)
      }
    }
    stretches.push(...found.values())
  }
  stretches.sort((a, b) => compare(a.source, b.source) || a.partition - b.partition || a.first - b.first)
  for (let at = 0; at < stretches.length; ) {
    const from = stretches[at]
    if (from === undefined) break
    const { source, partition } = from
    const isSame = (other: Stretch | undefined) => other?.source === source && other.partition === partition
    let last = from.last
    const files = [from.file]
    for (at += 1; isSame(stretches[at]) && (stretches[at]?.first ?? 0) <= last; at += 1) {
      const overlapping = stretches[at] ?? from
      last = Math.max(last, overlapping.last)
      files.push(overlapping.file)
    }
    const gathered: RowOf[] = []
    for (const file of files) {
      for await (const rows of readRows(store, root, only(file)))
        for (const row of rows) if (row.source === source && Number(row.partition) === partition) gathered.push(row)
    }
    yield* gathered.sort((a, b) => Number(a.offset) - Number(b.offset))
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

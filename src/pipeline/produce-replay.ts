import type { Contract } from '#contract'
import type { DataFile, RowOf, Snapshot, Table } from '#lake'
import { readRows } from '#lake'
import type { NewRecord, ObjectStore, RecordHeader } from '#port'
import { Fault } from '#port'
import type { Produced, ProduceEffects, Sender } from './produce.ts'
import { openSender, partitionOf } from './produce.ts'

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
 * Sends what was landed of a dataset to its topic, in order of source, partition and offset: each record's bytes as they are, with the layout of its file and
 * its source as headers. Every record is sent once, however often this is called and whatever is landed meanwhile: each partition of each source is a producer
 * of its own, whose place is the log's to know. Records that were themselves replayed, or came by this very topic, are not sent again. A file's records keep
 * their order, because they go to one partition. Faults: `stream/nothing` (nothing of it was landed), the lake's and the log's own.
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
  const { topic: name, partitions } = contract.stream ?? { topic: contract.name, partitions: 1 }
  const sender = await openSender(name, partitions, effects)
  const { topic } = sender
  let [total, leftOut] = [0, 0]
  for (const stretches of byPartition(await stretchesOf(store, root, snapshot))) {
    const [first] = stretches
    if (first === undefined || first.source === topic.id || signal.aborted) continue
    const id = replayProducer(contract.name, first.source, first.partition)
    const place = await sender.placeOf(id)
    const send = inBatches(sender, id, place, signal)
    for await (const row of rowsOf(store, root, snapshot, stretches)) {
      if (signal.aborted) break
      if (!(row.value instanceof Uint8Array)) leftOut += 1
      else if (!headersOf(row).some(({ key }) => key === 'origin'))
        await send.take(recordOf(row, row.value, layouts, topic.partitions))
    }
    total += await send.end()
  }
  sender.tell()
  return { topic, sent: sender.sent, total, complete: !signal.aborted, leftOut }
}

/** The producer that sends again what was landed of one partition of a source. */
export function replayProducer(dataset: string, source: string, partition: number): string {
  return `replay-${dataset}-${source}-${partition}`
}

/** Sends a producer's records, of which those before its place are in already. */
function inBatches(sender: Sender, id: string, place: number, signal: AbortSignal) {
  /** Number of the next record taken. */
  let number = 0
  let sequence = place
  let batch: NewRecord[] = []
  let sizeBytes = 0
  async function flush(): Promise<void> {
    while (sequence < number && !signal.aborted) {
      const due = batch.slice(batch.length - (number - sequence))
      sequence = (await sender.append({ id, sequence }, due)).sequence
    }
    batch = []
    sizeBytes = 0
  }
  return {
    async take(record: NewRecord): Promise<void> {
      number += 1
      if (number <= sequence) return
      batch.push(record)
      sizeBytes += record.value?.length ?? 0
      if (batch.length >= batchRecords || sizeBytes >= batchBytes) await flush()
    },
    /** Answers the records that the producer has sent in all. */
    async end(): Promise<number> {
      await flush()
      return sequence
    },
  }
}

function recordOf(row: RowOf, value: Uint8Array, layouts: ReadonlyMap<string, string>, partitions: number): NewRecord {
  const source = String(row.source)
  const key = row.key instanceof Uint8Array ? row.key : null
  const layout = layouts.get(source)
  const added = [...(layout === undefined ? [] : [['layout', layout] as const]), ['origin', source] as const]
  return {
    partition: partitionOf(key ?? encoder.encode(source), partitions),
    key,
    value,
    headers: [...headersOf(row), ...added.map(([name, text]) => ({ key: name, value: encoder.encode(text) }))],
  }
}

function headersOf({ headers }: RowOf): readonly RecordHeader[] {
  return Array.isArray(headers) ? headers.flatMap(headerOf) : []
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

const onlyOf = (snapshot: Snapshot, file: DataFile) => ({ ...snapshot, files: [file] })

/** Of every file, which records it holds; in order of source, partition and first offset. */
async function stretchesOf(store: ObjectStore, root: string, snapshot: Snapshot): Promise<readonly Stretch[]> {
  const stretches: Stretch[] = []
  for (const file of snapshot.files) {
    const found = new Map<string, Stretch>()
    for await (const rows of readRows(store, root, onlyOf(snapshot, file), ['source', 'partition', 'offset'])) {
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
  const bySource = (a: Stretch, b: Stretch): number => (a.source < b.source ? -1 : a.source > b.source ? 1 : 0)
  return stretches.sort((a, b) => bySource(a, b) || a.partition - b.partition || a.first - b.first)
}

function byPartition(stretches: readonly Stretch[]): readonly (readonly Stretch[])[] {
  const grouped = Map.groupBy(stretches, ({ source, partition }) => `${source} ${partition}`)
  return [...grouped.values()]
}

/** The rows of one partition of one source in order of offset. In memory at once are those of one file, or of files whose offsets overlap. */
async function* rowsOf(
  store: ObjectStore,
  root: string,
  snapshot: Snapshot,
  stretches: readonly Stretch[],
): AsyncIterable<RowOf> {
  let gathered: RowOf[] = []
  for (const [at, { source, partition, file }] of stretches.entries()) {
    for await (const rows of readRows(store, root, onlyOf(snapshot, file)))
      for (const row of rows) if (row.source === source && Number(row.partition) === partition) gathered.push(row)
    const reached = Math.max(...stretches.slice(0, at + 1).map(({ last }) => last))
    if ((stretches[at + 1]?.first ?? Number.POSITIVE_INFINITY) <= reached) continue
    yield* gathered.sort((a, b) => Number(a.offset) - Number(b.offset))
    gathered = []
  }
}

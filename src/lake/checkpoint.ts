import type { Field, Value } from '#parquet'
import { openParquet, parquetWriter } from '#parquet'
import type { ObjectStore } from '#port'
import { actionsOf } from './actions.ts'
import { asObject, damaged } from './fields.ts'
import type { Checkpoint } from './log-files.ts'
import type { LogState, Replay } from './state.ts'

/** Actions encoded at once: what a checkpoint needs of memory beside the state itself is this and the compressed file, and how long nothing else gets its turn. */
const batchActions = 10_000

const stringMap = { type: 'map', keyType: 'string', valueType: 'string' } as const

/**
 * Classic checkpoint (PROTOCOL.md, "Checkpoint Schema"): one row an action, every column optional. `deletionVector` and the `_parsed` columns
 * are left out, which readers take as null; as structs of nulls they have poisoned tables of other writers.
 */
const fields: readonly Field[] = [
  {
    name: 'txn',
    type: {
      type: 'struct',
      fields: [
        { name: 'appId', type: 'string' },
        { name: 'version', type: 'long' },
        { name: 'lastUpdated', type: 'long' },
      ],
    },
  },
  {
    name: 'add',
    type: {
      type: 'struct',
      fields: [
        { name: 'path', type: 'string' },
        { name: 'partitionValues', type: stringMap },
        { name: 'size', type: 'long' },
        { name: 'modificationTime', type: 'long' },
        { name: 'dataChange', type: 'boolean' },
        { name: 'tags', type: stringMap },
        { name: 'stats', type: 'string' },
      ],
    },
  },
  {
    name: 'remove',
    type: {
      type: 'struct',
      fields: [
        { name: 'path', type: 'string' },
        { name: 'deletionTimestamp', type: 'long' },
        { name: 'dataChange', type: 'boolean' },
        { name: 'extendedFileMetadata', type: 'boolean' },
        { name: 'partitionValues', type: stringMap },
        { name: 'size', type: 'long' },
      ],
    },
  },
  {
    name: 'metaData',
    type: {
      type: 'struct',
      fields: [
        { name: 'id', type: 'string' },
        { name: 'name', type: 'string' },
        { name: 'description', type: 'string' },
        {
          name: 'format',
          type: {
            type: 'struct',
            fields: [
              { name: 'provider', type: 'string' },
              { name: 'options', type: stringMap },
            ],
          },
        },
        { name: 'schemaString', type: 'string' },
        { name: 'partitionColumns', type: { type: 'array', elementType: 'string' } },
        { name: 'configuration', type: stringMap },
        { name: 'createdTime', type: 'long' },
      ],
    },
  },
  {
    name: 'protocol',
    type: {
      type: 'struct',
      fields: [
        { name: 'minReaderVersion', type: 'integer' },
        { name: 'minWriterVersion', type: 'integer' },
      ],
    },
  },
]

/** Columns of any writer's checkpoint that hold actions we know. */
const known = ['txn', 'add', 'remove', 'metaData', 'protocol']

export async function readCheckpoint(
  store: ObjectStore,
  { version, paths }: Checkpoint,
  replay: Replay,
): Promise<void> {
  const found = { protocol: false, metaData: false }
  for (const path of paths) {
    const bytes = await store.read(path)
    if (bytes === undefined) throw damaged(path, 'it is gone')
    const file = await openParquet(bytes, path)
    const columns = file.fields.map((field) => field.name).filter((column) => known.includes(column))
    for (const [i, rowStart] of file.groupStarts.entries()) {
      const rows = await file.read({ columns, rowStart, rowEnd: file.groupStarts[i + 1] ?? file.rows })
      const actions = rows.flatMap((row) => actionsOf(asObject(row, path, 'a row'), path))
      for (const { kind } of actions) if (kind === 'protocol' || kind === 'metaData') found[kind] = true
      replay.apply(version, actions, path)
    }
  }
  for (const [kind, there] of Object.entries(found)) {
    if (!there) throw damaged(paths[0] ?? '', `the checkpoint holds no ${kind}`)
  }
}

export interface WrittenCheckpoint {
  readonly bytes: Uint8Array
  readonly actions: number
}

/** Encodes a state. Removes that no reader may still need (`removedAfterMs`) are left out. Lets others have their turn by `pause`. */
export async function encodeCheckpoint(
  state: LogState,
  removedAfterMs: number,
  pause: () => Promise<void>,
): Promise<WrittenCheckpoint> {
  const writer = parquetWriter(fields)
  let actions = 0
  let batch: { readonly column: number; readonly value: Value }[] = []
  const flush = (): void => {
    const columns = fields.map((_, column) => batch.map((each) => (each.column === column ? each.value : null)))
    writer.append(columns, batch.length)
    batch = []
  }
  for (const each of rowsOf(state, removedAfterMs)) {
    batch.push(each)
    actions += 1
    if (batch.length < batchActions) continue
    flush()
    await pause()
  }
  if (batch.length > 0) flush()
  return { bytes: writer.finish(), actions }
}

function* rowsOf(
  state: LogState,
  removedAfterMs: number,
): Iterable<{ readonly column: number; readonly value: Value }> {
  const column = (name: string): number => fields.findIndex((field) => field.name === name)
  const { protocol, metaData } = state
  yield {
    column: column('protocol'),
    value: { minReaderVersion: protocol.minReaderVersion, minWriterVersion: protocol.minWriterVersion },
  }
  yield {
    column: column('metaData'),
    value: {
      id: metaData.id,
      name: metaData.name ?? null,
      description: metaData.description ?? null,
      format: { provider: metaData.formatProvider, options: [] },
      schemaString: metaData.schemaString,
      partitionColumns: metaData.partitionColumns,
      configuration: entriesOf(metaData.configuration),
      createdTime: metaData.createdTime ?? null,
    },
  }
  for (const { appId, version, lastUpdated } of state.txns.values()) {
    yield { column: column('txn'), value: { appId, version, lastUpdated: lastUpdated ?? null } }
  }
  for (const { logged, file, tags } of state.files.values()) {
    yield {
      column: column('add'),
      value: {
        path: logged,
        partitionValues: entriesOf(file.partitionValues),
        size: file.sizeBytes,
        modificationTime: file.modifiedMs,
        dataChange: false,
        tags: tags ? entriesOf(tags) : null,
        stats: file.stats ?? null,
      },
    }
  }
  for (const remove of state.removed.values()) {
    if ((remove.deletionTimestamp ?? 0) <= removedAfterMs) continue
    yield {
      column: column('remove'),
      value: {
        path: remove.path,
        deletionTimestamp: remove.deletionTimestamp ?? null,
        dataChange: false,
        extendedFileMetadata: remove.partitionValues !== undefined && remove.size !== undefined,
        partitionValues: remove.partitionValues ? entriesOf(remove.partitionValues) : null,
        size: remove.size ?? null,
      },
    }
  }
}

function entriesOf(map: Readonly<Record<string, string | null>>): Value {
  return Object.entries(map).map(([key, value]) => ({ key, value }))
}

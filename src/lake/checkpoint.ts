import type { Field, Value } from '#parquet'
import { parquetWriter } from '#parquet'
import type { RemoveFile } from './actions.ts'
import type { LogState } from './state.ts'

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

export interface WrittenCheckpoint {
  readonly bytes: Uint8Array
  readonly actions: number
}

/**
 * Encodes a state and its removes (`removesOf`), of which those that no reader may still need (`removedAfterMs`) are left out. The removes lie in row groups of
 * their own, so that who opens the table passes them by. Lets others have their turn by `pause`.
 */
export async function encodeCheckpoint(
  state: LogState,
  removes: AsyncIterable<readonly RemoveFile[]>,
  removedAfterMs: number,
  pause: () => Promise<void>,
): Promise<WrittenCheckpoint> {
  const writer = parquetWriter(fields)
  let actions = 0
  let batch: ActionRow[] = []
  const flush = (): void => {
    if (batch.length === 0) return
    const columns = fields.map((_, column) => batch.map((each) => (each.column === column ? each.value : null)))
    writer.append(columns, batch.length)
    batch = []
  }
  const put = async (rows: Iterable<ActionRow>): Promise<void> => {
    for (const row of rows) {
      batch.push(row)
      actions += 1
      if (batch.length < batchActions) continue
      flush()
      await pause()
    }
  }
  await put(rowsOf(state))
  flush()
  for await (const each of removes) {
    await put(each.filter(({ deletionTimestamp }) => (deletionTimestamp ?? 0) > removedAfterMs).map(removeRow))
  }
  flush()
  return { bytes: writer.finish(), actions }
}

/** One row of a checkpoint: all columns are null but one. */
interface ActionRow {
  readonly column: number
  readonly value: Value
}

function columnOf(name: string): number {
  return fields.findIndex((field) => field.name === name)
}

function* rowsOf(state: LogState): Iterable<ActionRow> {
  const { protocol, metaData } = state
  yield {
    column: columnOf('protocol'),
    value: { minReaderVersion: protocol.minReaderVersion, minWriterVersion: protocol.minWriterVersion },
  }
  yield {
    column: columnOf('metaData'),
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
    yield { column: columnOf('txn'), value: { appId, version, lastUpdated: lastUpdated ?? null } }
  }
  for (const { logged, file, tags } of state.files.values()) {
    yield {
      column: columnOf('add'),
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
}

function removeRow(remove: RemoveFile): ActionRow {
  return {
    column: columnOf('remove'),
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

function entriesOf(map: Readonly<Record<string, string | null>>): Value {
  return Object.entries(map).map(([key, value]) => ({ key, value }))
}

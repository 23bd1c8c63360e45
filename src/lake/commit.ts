import type { Column, ObjectStore, RetryEffects } from '#port'
import { Fault } from '#port'
import type { Action, MetaData, Txn } from './actions.ts'
import { lineOf, parseCommit } from './actions.ts'
import { partitionValue } from './partition.ts'
import { encodePath } from './paths.ts'
import { checkWritable, isAppendOnly, ownProtocol, unsupported } from './protocol.ts'
import { checkConfiguration } from './retention.ts'
import { checkColumns, checkPartitionColumns, grownColumns, parseSchema, sameType, schemaString } from './schema.ts'
import type { LogState } from './state.ts'
import type { Change, CommitRequest, DataFile } from './table.ts'

const createAttempts = 8

export interface CommitStamp {
  readonly nowMs: number
  readonly txnId: string
  readonly newId: () => string
  readonly engineInfo: string
}

/** A change as the actions that make it; pure, so that a commit which lost the race is simply made again from the newer state. */
export function actionsOfChange(
  root: string,
  state: LogState | undefined,
  change: Change,
  { operation }: CommitRequest,
  { nowMs, newId }: CommitStamp,
): readonly Exclude<Action, { kind: 'commitInfo' }>[] {
  const dataChange = operation !== 'OPTIMIZE'
  if (state) {
    checkWritable(root, state.protocol, state.metaData, state.schema)
    if (change.remove.length > 0 && dataChange && isAppendOnly(state.metaData)) {
      throw unsupported(root, 'delta.appendOnly, so that nothing may be removed', 'appendOnly', 'written')
    }
  }
  const actions: Exclude<Action, { kind: 'commitInfo' }>[] = []
  const metaData = metaDataOfChange(root, state, change, nowMs, newId)
  if (!state) actions.push({ kind: 'protocol', protocol: ownProtocol })
  if (metaData) actions.push({ kind: 'metaData', metaData })
  for (const txn of txnsOf(change, nowMs)) actions.push({ kind: 'txn', txn })

  const { partitionColumns, columns } = standingAfter(state, metaData)
  const seen = new Set<string>()
  const once = (path: string): void => {
    if (seen.has(path)) throw new TypeError(`${path} stands twice in one change to ${root}`)
    seen.add(path)
  }
  for (const file of change.remove) {
    once(file.path)
    const standing = state?.files.get(file.path)
    if (!standing) throw new TypeError(`${file.path} is no file of ${root} at version ${state?.version}`)
    actions.push({
      kind: 'remove',
      remove: {
        path: standing.logged,
        deletionTimestamp: nowMs,
        dataChange,
        partitionValues: standing.file.partitionValues,
        size: standing.file.sizeBytes,
      },
    })
  }
  for (const file of change.add) {
    once(file.path)
    checkPartition(root, file, partitionColumns, columns)
    actions.push({
      kind: 'add',
      add: {
        path: encodePath(file.path),
        partitionValues: file.partitionValues,
        size: file.sizeBytes,
        modificationTime: file.modifiedMs,
        dataChange,
        stats: file.stats,
        tags: undefined,
        hasDeletionVector: false,
      },
    })
  }
  return actions
}

function standingAfter(
  state: LogState | undefined,
  metaData: MetaData | undefined,
): { readonly partitionColumns: readonly string[]; readonly columns: readonly Column[] } {
  const { partitionColumns = [] } = metaData ?? state?.metaData ?? {}
  if (partitionColumns.length === 0) return { partitionColumns, columns: [] }
  return {
    partitionColumns,
    columns: metaData ? parseSchema(metaData.schemaString, '').columns : (state?.schema.columns ?? []),
  }
}

/** A file of a partitioned table says the value of each partition column, and of nothing else, in words that readers take for that type. */
function checkPartition(
  root: string,
  { path, partitionValues }: DataFile,
  partitionColumns: readonly string[],
  columns: readonly Column[],
): void {
  const absent = partitionColumns.find((column) => !(column in partitionValues))
  if (absent !== undefined) throw new TypeError(`${path} has no value for the partition column ${absent}`)
  const extra = Object.keys(partitionValues).find((column) => !partitionColumns.includes(column))
  if (extra !== undefined) throw new TypeError(`${path} has a value for ${extra}, by which ${root} is not partitioned`)
  for (const { name, type } of columns) {
    if (partitionColumns.includes(name)) partitionValue(partitionValues[name] ?? null, type, `${root}/${path}`)
  }
}

function metaDataOfChange(
  root: string,
  state: LogState | undefined,
  change: Change,
  nowMs: number,
  newId: () => string,
): MetaData | undefined {
  if (!state) {
    if (!change.columns) throw new TypeError(`${root} is not there yet, and the change names no columns`)
    checkColumns(change.columns, root)
    const configuration = change.configuration ?? {}
    checkConfiguration(root, configuration)
    const { partitionColumns = [] } = change
    checkPartitionColumns(partitionColumns, change.columns, root)
    return {
      id: newId(),
      name: undefined,
      description: undefined,
      formatProvider: 'parquet',
      schemaString: schemaString(change.columns),
      partitionColumns,
      configuration,
      createdTime: nowMs,
    }
  }
  if (!change.columns) return undefined
  // Each file to remove is held against the state below, so that as many as there are is all of them.
  const replaced = change.remove.length === state.files.size
  const has = state.schema.columns
  const { partitionColumns } = state.metaData
  const columns = grownColumns(has, change.columns, { root, replaced, partitionColumns })
  const same =
    columns.length === has.length &&
    columns.every((column, i) => {
      const old = has[i]
      return old && old.name === column.name && old.comment === column.comment && sameType(old.type, column.type)
    })
  return same ? undefined : { ...state.metaData, schemaString: schemaString(columns, state.metaData.schemaString) }
}

function txnsOf({ txns }: Change, nowMs: number): readonly Txn[] {
  const seen = new Set<string>()
  return txns.map(({ appId, version }) => {
    if (seen.has(appId)) throw new TypeError(`the txn ${appId} stands twice in one change`)
    if (!Number.isSafeInteger(version))
      throw new RangeError(`the txn ${appId} has the version ${version}, which is no safe integer`)
    seen.add(appId)
    return { appId, version, lastUpdated: nowMs }
  })
}

/** The commit's bytes; `commitInfo` first, with the id by which we know our own commit again. */
export function encodeCommit(
  actions: readonly Exclude<Action, { kind: 'commitInfo' }>[],
  { operation, parameters = {}, blindAppend }: CommitRequest,
  readVersion: number | undefined,
  { nowMs, txnId, engineInfo }: CommitStamp,
): Uint8Array {
  const added = actions.flatMap((action) => (action.kind === 'add' ? [action.add] : []))
  const info = {
    timestamp: nowMs,
    operation,
    operationParameters: parameters,
    ...(readVersion === undefined ? {} : { readVersion }),
    isolationLevel: 'Serializable',
    isBlindAppend: blindAppend,
    operationMetrics: {
      numFiles: String(added.length),
      numRemovedFiles: String(actions.filter(({ kind }) => kind === 'remove').length),
      numOutputBytes: String(added.reduce((sum, { size }) => sum + size, 0)),
    },
    engineInfo,
    txnId,
  }
  const lines = [JSON.stringify({ commitInfo: info }), ...actions.map(lineOf)]
  return new TextEncoder().encode(`${lines.join('\n')}\n`)
}

/**
 * Puts a commit where none is. An answer may be lost on its way (a fault, or 'exists' from a store that tries again by itself), so what stands there decides:
 * another's `txnId` means that we lost; ours, that we won, once the store has answered; nothing, that the same bytes may be sent again. What stands after
 * a call that failed may be gone with the machine's power: only what a call has answered is safe.
 */
export async function putCommit(
  store: ObjectStore,
  path: string,
  bytes: Uint8Array,
  txnId: string,
  { sleep, random, report }: RetryEffects,
): Promise<'won' | 'lost'> {
  for (let attempt = 1; ; attempt += 1) {
    let failure: unknown
    try {
      if ((await store.create(path, bytes)) === 'created') return 'won'
    } catch (error) {
      failure = error
    }
    const standing = await readBack(store, path, failure)
    if (standing && txnIdOf(standing, path) !== txnId) return 'lost'
    if (standing && failure === undefined) return 'won'
    if (failure !== undefined && !(failure instanceof Fault && failure.retry)) throw failure
    if (attempt === createAttempts) {
      throw (
        failure ??
        new Fault('lake/contended', `${path} is said to exist and is not there.`, { mend: 'Run again.', retry: true })
      )
    }
    const waitMs = Math.round(random() * Math.min(2000, 25 * 2 ** attempt))
    if (failure instanceof Fault) report({ kind: 'retry', what: `committing ${path}`, attempt, waitMs, fault: failure })
    await sleep(waitMs)
  }
}

async function readBack(store: ObjectStore, path: string, failure: unknown): Promise<Uint8Array | undefined> {
  try {
    return await store.read(path)
  } catch (error) {
    throw failure ?? error // what failed first says more
  }
}

function txnIdOf(bytes: Uint8Array, path: string): string | undefined {
  for (const action of parseCommit(bytes, path)) if (action.kind === 'commitInfo') return action.txnId
  return undefined
}

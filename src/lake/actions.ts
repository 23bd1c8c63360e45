import type { Json } from './fields.ts'
import {
  asObject,
  damaged,
  integer,
  optionalFlag,
  optionalInteger,
  optionalObject,
  optionalText,
  text,
  textList,
  textMap,
} from './fields.ts'

/** Actions of the log (PROTOCOL.md, "Actions"), as far as a table of protocol (1,2) has them; what we do not know is skipped, as the protocol demands. */
export type Action =
  | { readonly kind: 'commitInfo'; readonly timestampMs: number | undefined; readonly txnId: string | undefined }
  | { readonly kind: 'protocol'; readonly protocol: Protocol }
  | { readonly kind: 'metaData'; readonly metaData: MetaData }
  | { readonly kind: 'add'; readonly add: AddFile }
  | { readonly kind: 'remove'; readonly remove: RemoveFile }
  | { readonly kind: 'txn'; readonly txn: Txn }

export interface Protocol {
  readonly minReaderVersion: number
  readonly minWriterVersion: number
  readonly readerFeatures: readonly string[]
  readonly writerFeatures: readonly string[]
}

export interface MetaData {
  readonly id: string
  readonly name: string | undefined
  readonly description: string | undefined
  readonly formatProvider: string
  /** Empty: the writer gave none, as tests of Delta do. */
  readonly schemaString: string
  readonly partitionColumns: readonly string[]
  readonly configuration: Readonly<Record<string, string>>
  readonly createdTime: number | undefined
}

export interface AddFile {
  /** As in the log: URI-encoded. */
  readonly path: string
  readonly partitionValues: Readonly<Record<string, string | null>>
  readonly size: number
  readonly modificationTime: number
  readonly dataChange: boolean
  readonly stats: string | undefined
  readonly tags: Readonly<Record<string, string | null>> | undefined
  readonly hasDeletionVector: boolean
}

export interface RemoveFile {
  readonly path: string
  readonly deletionTimestamp: number | undefined
  readonly dataChange: boolean
  readonly partitionValues: Readonly<Record<string, string | null>> | undefined
  readonly size: number | undefined
}

export interface Txn {
  readonly appId: string
  readonly version: number
  readonly lastUpdated: number | undefined
}

const decoder = new TextDecoder('utf-8', { fatal: true })

/** The actions of one commit: a JSON object a line. */
export function parseCommit(bytes: Uint8Array, path: string): readonly Action[] {
  let lines: string[]
  try {
    lines = decoder.decode(bytes).split('\n')
  } catch (cause) {
    throw damaged(path, 'it is not UTF-8', cause)
  }
  const actions: Action[] = []
  for (const [i, line] of lines.entries()) {
    if (line.trim() === '') continue
    let json: unknown
    try {
      json = JSON.parse(line)
    } catch (cause) {
      throw damaged(path, `line ${i + 1} is not JSON`, cause)
    }
    actions.push(...actionsOf(asObject(json, path, `line ${i + 1}`), path))
  }
  if (actions.length === 0) throw damaged(path, 'it holds no action')
  return actions
}

/** The actions of one line of a commit or one row of a checkpoint; a row has a null for each kind that it is not. */
export function actionsOf(json: Json, path: string): readonly Action[] {
  const actions: Action[] = []
  const info = optionalObject(json.commitInfo, path, 'commitInfo')
  if (info) {
    const { timestamp, txnId } = info
    actions.push({
      kind: 'commitInfo',
      timestampMs: typeof timestamp === 'number' ? timestamp : undefined,
      txnId: typeof txnId === 'string' ? txnId : undefined,
    })
  }
  const protocol = optionalObject(json.protocol, path, 'protocol')
  if (protocol) actions.push({ kind: 'protocol', protocol: protocolOf(protocol, path) })
  const metaData = optionalObject(json.metaData, path, 'metaData')
  if (metaData) actions.push({ kind: 'metaData', metaData: metaDataOf(metaData, path) })
  const add = optionalObject(json.add, path, 'add')
  if (add) actions.push({ kind: 'add', add: addOf(add, path) })
  const remove = optionalObject(json.remove, path, 'remove')
  if (remove) actions.push({ kind: 'remove', remove: removeOf(remove, path) })
  const txn = optionalObject(json.txn, path, 'txn')
  if (txn) actions.push({ kind: 'txn', txn: txnOf(txn, path) })
  return actions
}

export function txnOf(json: Json, path: string): Txn {
  return {
    appId: text(json, 'appId', path),
    version: integer(json, 'version', path),
    lastUpdated: optionalInteger(json, 'lastUpdated', path),
  }
}

export function protocolOf(json: Json, path: string): Protocol {
  return {
    minReaderVersion: integer(json, 'minReaderVersion', path),
    minWriterVersion: integer(json, 'minWriterVersion', path),
    readerFeatures: textList(json.readerFeatures, path, 'readerFeatures'),
    writerFeatures: textList(json.writerFeatures, path, 'writerFeatures'),
  }
}

export function metaDataOf(json: Json, path: string): MetaData {
  const format = optionalObject(json.format, path, 'format')
  const configuration = textMap(json.configuration, path, 'configuration')
  return {
    id: text(json, 'id', path),
    name: optionalText(json, 'name', path),
    description: optionalText(json, 'description', path),
    formatProvider: (format && optionalText(format, 'provider', path)) ?? 'parquet',
    schemaString: optionalText(json, 'schemaString', path) ?? '',
    partitionColumns: textList(json.partitionColumns, path, 'partitionColumns'),
    configuration: Object.fromEntries(Object.entries(configuration).map(([key, value]) => [key, value ?? ''])),
    createdTime: optionalInteger(json, 'createdTime', path),
  }
}

function addOf(json: Json, path: string): AddFile {
  return {
    path: text(json, 'path', path),
    partitionValues: textMap(json.partitionValues, path, 'partitionValues'),
    size: integer(json, 'size', path),
    modificationTime: optionalInteger(json, 'modificationTime', path) ?? 0,
    dataChange: optionalFlag(json, 'dataChange', path) ?? true,
    stats: optionalText(json, 'stats', path),
    tags: json.tags === null || json.tags === undefined ? undefined : textMap(json.tags, path, 'tags'),
    hasDeletionVector: json.deletionVector !== null && json.deletionVector !== undefined,
  }
}

function removeOf(json: Json, path: string): RemoveFile {
  const values = json.partitionValues
  return {
    path: text(json, 'path', path),
    deletionTimestamp: optionalInteger(json, 'deletionTimestamp', path),
    dataChange: optionalFlag(json, 'dataChange', path) ?? true,
    partitionValues: values === null || values === undefined ? undefined : textMap(values, path, 'partitionValues'),
    size: optionalInteger(json, 'size', path),
  }
}

/** Feature lists stand only with the versions that have them: a reader may refuse an empty one. */
export function protocolJson({ minReaderVersion, minWriterVersion, readerFeatures, writerFeatures }: Protocol): Json {
  return {
    minReaderVersion,
    minWriterVersion,
    ...(minReaderVersion >= 3 ? { readerFeatures } : {}),
    ...(minWriterVersion >= 7 ? { writerFeatures } : {}),
  }
}

export function metaDataJson({ formatProvider, ...rest }: MetaData): Json {
  return { ...rest, format: { provider: formatProvider, options: {} } }
}

/** One line of a commit. */
export function lineOf(action: Exclude<Action, { kind: 'commitInfo' }>): string {
  switch (action.kind) {
    case 'protocol':
      return JSON.stringify({ protocol: protocolJson(action.protocol) })
    case 'metaData':
      return JSON.stringify({ metaData: metaDataJson(action.metaData) })
    case 'add': {
      const { hasDeletionVector: _, ...add } = action.add
      return JSON.stringify({ add })
    }
    case 'remove': {
      const { remove } = action
      const extended = remove.partitionValues !== undefined && remove.size !== undefined
      return JSON.stringify({ remove: { ...remove, extendedFileMetadata: extended } })
    }
    case 'txn':
      return JSON.stringify({ txn: action.txn })
  }
}

import type { ObjectStore, RetryEffects } from '#port'
import type { Action } from './actions.ts'
import { metaDataJson, metaDataOf, protocolJson, protocolOf, txnOf } from './actions.ts'
import { asObject, damaged, integer, optionalObject, optionalText } from './fields.ts'
import { checksumPath } from './paths.ts'
import { createOwn } from './patience.ts'
import type { LogState } from './state.ts'

/** Writes what a version comes to beside its commit (PROTOCOL.md, "Version Checksum File"); one that stands is left as it is. */
export async function writeChecksum(
  store: ObjectStore,
  root: string,
  state: LogState,
  effects: RetryEffects,
): Promise<void> {
  const checksum = {
    ...(state.txnId === undefined ? {} : { txnId: state.txnId }),
    ...sizesOf(state),
    numMetadata: 1,
    numProtocol: 1,
    setTransactions: state.txns.values(),
    metadata: metaDataJson(state.metaData),
    protocol: protocolJson(state.protocol),
  }
  const bytes = new TextEncoder().encode(JSON.stringify(checksum))
  await createOwn(store, checksumPath(root, state.version), bytes, effects)
}

function sizesOf({ files }: LogState): { tableSizeBytes: number; numFiles: number } {
  const sizes = files.values().map(({ file }) => file.sizeBytes)
  return { tableSizeBytes: sizes.reduce((sum, size) => sum + size, 0), numFiles: sizes.length }
}

/** In what a checksum, ours or another writer's, contradicts its version. Fault `lake/damaged` where it cannot be read. */
export function checksumProblems(bytes: Uint8Array, path: string, state: LogState): readonly string[] {
  let parsed: unknown
  try {
    parsed = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (cause) {
    throw damaged(path, 'it is not JSON', cause)
  }
  const json = asObject(parsed, path, 'the checksum')
  const problems: string[] = []
  const hold = (what: string, said: unknown, is: unknown): void => {
    if (JSON.stringify(said) !== JSON.stringify(is)) problems.push(`${what}: ${short(said)}, the log ${short(is)}`)
  }
  for (const [name, is] of Object.entries({ ...sizesOf(state), numMetadata: 1, numProtocol: 1 })) {
    hold(name, integer(json, name, path), is)
  }
  const txnId = optionalText(json, 'txnId', path)
  if (txnId !== undefined && state.txnId !== undefined) hold('txnId', txnId, state.txnId)
  const protocol = optionalObject(json.protocol, path, 'protocol')
  if (protocol) hold('protocol', protocolOf(protocol, path), state.protocol)
  const metaData = optionalObject(json.metadata, path, 'metadata')
  if (metaData) hold('metadata', sorted(metaDataOf(metaData, path)), sorted(state.metaData))
  if (Array.isArray(json.setTransactions)) {
    const said = json.setTransactions.map((each) => txnOf(asObject(each, path, 'a transaction'), path))
    hold('setTransactions', versionsOf(said), versionsOf(state.txns.values()))
  }
  return problems
}

function versionsOf(txns: readonly Extract<Action, { kind: 'txn' }>['txn'][]): readonly string[] {
  return txns.map(({ appId, version }) => `${appId} ${version}`).sort()
}

/** Properties have no order. */
function sorted<T extends { readonly configuration: Readonly<Record<string, string>> }>(metaData: T): T {
  return { ...metaData, configuration: Object.fromEntries(Object.entries(metaData.configuration).sort()) }
}

function short(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing'
  return text.length > 100 ? `${text.slice(0, 100)}…` : text
}

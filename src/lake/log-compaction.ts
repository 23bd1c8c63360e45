import type { ObjectStore, RetryEffects } from '#port'
import type { Action, MetaData, Protocol, Txn } from './actions.ts'
import { lineOf } from './actions.ts'
import type { LogFile } from './log-files.ts'
import { logFiles, wholeCheckpoints } from './log-files.ts'
import { compactedPath, decodePath } from './paths.ts'
import { createOwn } from './patience.ts'
import type { Replay } from './state.ts'
import { commitsOf, planTail, replayTail } from './tail.ts'

/** In one file at most, so that what is held in memory stays small. */
const mostCommits = 1000

/** What some commits come to (PROTOCOL.md, "Action Reconciliation"), beside whatever was before them: for each path, appId and kind the latest action. */
export interface Reconciled extends Pick<Replay, 'apply'> {
  protocol(): Protocol | undefined
  metaData(): MetaData | undefined
  readonly txns: ReadonlyMap<string, Txn>
  /** By decoded path. */
  readonly files: ReadonlyMap<string, Extract<Action, { kind: 'add' | 'remove' }>>
}

export function reconcile(): Reconciled {
  const txns = new Map<string, Txn>()
  const files = new Map<string, Extract<Action, { kind: 'add' | 'remove' }>>()
  let protocol: Protocol | undefined
  let metaData: MetaData | undefined
  return {
    txns,
    files,
    protocol: () => protocol,
    metaData: () => metaData,
    apply(_version, actions, path) {
      for (const action of actions) {
        switch (action.kind) {
          case 'protocol':
            protocol = action.protocol
            break
          case 'metaData':
            metaData = action.metaData
            break
          case 'txn':
            txns.set(action.txn.appId, action.txn)
            break
          case 'add':
            files.set(decodePath(action.add.path, path), action)
            break
          case 'remove':
            files.set(decodePath(action.remove.path, path), action)
            break
          case 'commitInfo':
            break // of one commit alone
        }
      }
    },
  }
}

export interface LogCompaction {
  readonly from: number
  readonly to: number
}

/**
 * Puts the commits up to `version` that no checkpoint and no compacted file covers into one file (PROTOCOL.md, "Log Compaction Files"), where they are at least
 * `leastCommits`. The commits stay; who opens the table reads one object for them. Undefined: too few.
 */
export async function compactLog(
  store: ObjectStore,
  root: string,
  { version, base, leastCommits }: { version: number; base: number | undefined; leastCommits: number },
  effects: RetryEffects,
): Promise<LogCompaction | undefined> {
  const files: readonly LogFile[] = await Array.fromAsync(logFiles(store, root, base ?? 0))
  const checkpoint = wholeCheckpoints(files).findLast((each) => each.version <= version)
  const tail = planTail(root, files, { from: (checkpoint?.version ?? -1) + 1, to: version })
  const from = tail.find(({ kind }) => kind === 'commit')?.from ?? version + 1
  const to = Math.min(version, from + mostCommits - 1)
  if (to - from + 1 < leastCommits) return undefined
  const sum = reconcile()
  await replayTail(store, root, commitsOf(root, from, to), sum)
  await createOwn(store, compactedPath(root, from, to), encode(sum), effects)
  return { from, to }
}

function encode({ protocol, metaData, txns, files }: Reconciled): Uint8Array {
  const lines: string[] = []
  const [newProtocol, newMetaData] = [protocol(), metaData()]
  if (newProtocol) lines.push(lineOf({ kind: 'protocol', protocol: newProtocol }))
  if (newMetaData) lines.push(lineOf({ kind: 'metaData', metaData: newMetaData }))
  for (const txn of txns.values()) lines.push(lineOf({ kind: 'txn', txn }))
  for (const action of files.values()) lines.push(lineOf(action))
  return new TextEncoder().encode(`${lines.join('\n')}\n`)
}

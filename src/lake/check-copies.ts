import type { ObjectStore } from '#port'
import { Fault } from '#port'
import { readCheckpoint } from './checkpoint-read.ts'
import { checksumProblems } from './checksum.ts'
import { reconcile } from './log-compaction.ts'
import type { Checkpoint, LogFile } from './log-files.ts'
import type { Replay } from './state.ts'
import { startReplay } from './state.ts'
import { commitsOf, replayTail } from './tail.ts'

/** A copy of what commits say that does not say the same. */
interface Contradiction {
  readonly version: number
  readonly what: string
}

/** Compacted commits against the commits that they stand for, as far as these are still there. */
export async function* checkCompacted(
  store: ObjectStore,
  root: string,
  files: readonly LogFile[],
): AsyncIterable<Contradiction> {
  const there = new Set(files.filter(({ kind }) => kind === 'commit').map(({ version }) => version))
  for (const file of files) {
    if (file.kind !== 'compacted') continue
    const { from, version } = file
    if (commitsOf(root, from, version).some((each) => !there.has(each.version))) continue
    const problem = (what: string) => ({ version, what: `the compacted commits ${from} to ${version} ${what}` })
    const [said, is] = [reconcile(), reconcile()]
    await replayTail(store, root, commitsOf(root, from, version), is)
    try {
      await replayTail(store, root, [{ ...file, kind: 'commit' }], said)
    } catch (error) {
      if (!(error instanceof Fault)) throw error
      yield problem(`cannot be read: ${error.message}`)
      continue
    }
    for (const [path, action] of is.files) {
      const other = said.files.get(path)
      if (other?.kind !== action.kind) yield problem(`do not ${action.kind} ${path}`)
      else if (sizeOf(other) !== sizeOf(action)) yield problem(`give ${path} another size`)
    }
    for (const path of said.files.keys())
      if (!is.files.has(path)) yield problem(`name ${path}, which the commits do not`)
    for (const [appId, { version: at }] of is.txns) {
      if (said.txns.get(appId)?.version !== at) yield problem(`do not have ${appId} at ${at}`)
    }
    for (const appId of said.txns.keys()) if (!is.txns.has(appId)) yield problem(`have the txn ${appId}`)
    if (said.metaData()?.schemaString !== is.metaData()?.schemaString) yield problem('have other columns')
    if (JSON.stringify(said.protocol()) !== JSON.stringify(is.protocol())) yield problem('have another protocol')
  }
}

type FileAction = ReturnType<ReturnType<typeof reconcile>['files']['get']> & object

function sizeOf(action: FileAction): number | undefined {
  return action.kind === 'add' ? action.add.size : action.remove.size
}

/** Every checksum against its version, as far as the log goes back. */
export async function* checkChecksums(
  store: ObjectStore,
  root: string,
  files: readonly LogFile[],
  checkpoints: readonly Checkpoint[],
): AsyncIterable<Contradiction> {
  const there = new Set(files.filter(({ kind }) => kind === 'commit').map(({ version }) => version))
  let at = -1
  let replay: Replay | undefined = startReplay(root)
  for (const { path, version } of files.filter(({ kind }) => kind === 'checksum')) {
    if (replay === undefined || commitsOf(root, at + 1, version).some((each) => !there.has(each.version))) {
      // What is before was cleaned up: the nearest checkpoint says what it came to.
      const base = checkpoints.findLast((each) => each.version <= version)
      replay = base && startReplay(root, base)
      if (base === undefined || replay === undefined) continue
      await readCheckpoint(store, base, replay)
      at = base.version
      if (commitsOf(root, at + 1, version).some((each) => !there.has(each.version))) {
        replay = undefined
        continue
      }
    }
    await replayTail(store, root, commitsOf(root, at + 1, version), replay)
    at = version
    const bytes = await store.read(path)
    if (bytes === undefined) continue // cleaned up meanwhile
    try {
      for (const what of checksumProblems(bytes, path, replay.state())) {
        yield { version, what: `the checksum has ${what}` }
      }
    } catch (error) {
      if (!(error instanceof Fault) || error.code !== 'lake/damaged') throw error
      yield { version, what: error.message }
    }
  }
}

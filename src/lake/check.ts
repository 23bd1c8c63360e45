import type { ObjectInfo, ObjectStore } from '#port'
import { Fault } from '#port'
import { parseCommit } from './actions.ts'
import { checkChecksums, checkCompacted } from './check-copies.ts'
import { readCheckpoint } from './checkpoint-read.ts'
import { replayCommits } from './log.ts'
import type { Checkpoint, LogFile } from './log-files.ts'
import { logFiles, wholeCheckpoints } from './log-files.ts'
import { openDataFile } from './rows.ts'
import type { LogState } from './state.ts'
import { startReplay } from './state.ts'
import type { DataFile } from './table.ts'

/** Something about a table that is not as it must be. */
export interface TableProblem {
  readonly kind: 'log' | 'checkpoint' | 'compacted' | 'checksum' | 'txn' | 'file'
  /** Relative to the table's folder; of a checkpoint or commit, its version. */
  readonly where: string
  readonly what: string
}

/** Looks at the whole log as it lies: is it contiguous; do its newest checkpoint, its compacted commits and its checksums say what the commits say; does no txn go back. */
export async function* checkLog(store: ObjectStore, root: string): AsyncIterable<TableProblem> {
  const files = await Array.fromAsync(logFiles(store, root))
  const commits = files.filter(({ kind }) => kind === 'commit')
  const checkpoints = wholeCheckpoints(files)
  for (const [i, { version }] of commits.entries()) {
    const before = commits[i - 1]?.version
    if (before === undefined || version === before + 1) continue
    const missing = version - before === 2 ? `${before + 1} is` : `${before + 1} to ${version - 1} are`
    yield { kind: 'log', where: `version ${version}`, what: `${missing} missing between ${before} and ${version}` }
  }
  const [first] = commits
  if (first !== undefined && first.version > 0 && !checkpoints.some(({ version }) => version >= first.version - 1)) {
    const what = `the log begins with version ${first.version}, and no checkpoint says what was before`
    yield { kind: 'log', where: `version ${first.version}`, what }
  }
  yield* checkTxns(store, commits)
  yield* checkCheckpoints(store, root, commits, checkpoints)
  for await (const { version, what } of checkCompacted(store, root, files)) {
    yield { kind: 'compacted', where: `version ${version}`, what }
  }
  for await (const { version, what } of checkChecksums(store, root, files, checkpoints)) {
    yield { kind: 'checksum', where: `version ${version}`, what }
  }
}

async function* checkTxns(store: ObjectStore, commits: readonly LogFile[]): AsyncIterable<TableProblem> {
  const newest = new Map<string, number>()
  for (const { path, version: at } of commits) {
    const bytes = await store.read(path)
    if (bytes === undefined) continue // cleaned up meanwhile
    for (const action of readable(() => parseCommit(bytes, path))) {
      if (action.kind !== 'txn') continue
      const { appId, version } = action.txn
      const before = newest.get(appId)
      if (before !== undefined && version < before) {
        yield { kind: 'txn', where: `version ${at}`, what: `${appId} goes back from ${before} to ${version}` }
      }
      newest.set(appId, version)
    }
  }
}

/** What cannot be read is told where the table is opened; here it says nothing. */
function readable<T>(read: () => readonly T[]): readonly T[] {
  try {
    return read()
  } catch (error) {
    if (error instanceof Fault) return []
    throw error
  }
}

/** The newest checkpoint against the commits since the one before it, or since the beginning. */
async function* checkCheckpoints(
  store: ObjectStore,
  root: string,
  commits: readonly LogFile[],
  checkpoints: readonly Checkpoint[],
): AsyncIterable<TableProblem> {
  const newest = checkpoints.at(-1)
  if (newest === undefined) return
  const base = checkpoints.findLast(({ version }) => version < newest.version)
  const there = new Set(commits.map(({ version }) => version))
  for (let version = (base?.version ?? -1) + 1; version <= newest.version; version += 1) {
    if (!there.has(version)) return // cleaned up: nothing is left to hold it against
  }
  const said = await stateAt(store, root, newest, newest.version)
  const replayed = await stateAt(store, root, base, newest.version)
  for (const what of differences(said, replayed)) {
    yield { kind: 'checkpoint', where: `version ${newest.version}`, what: `the checkpoint ${what}` }
  }
}

async function stateAt(
  store: ObjectStore,
  root: string,
  base: Checkpoint | undefined,
  version: number,
): Promise<LogState> {
  const replay = startReplay(root, base)
  if (base !== undefined) await readCheckpoint(store, base, replay)
  await replayCommits(store, root, (base?.version ?? -1) + 1, version, replay)
  return replay.state()
}

function* differences(said: LogState, replayed: LogState): Iterable<string> {
  const files = new Map(replayed.files.values().map(({ file }) => [file.path, file.sizeBytes]))
  for (const { file } of said.files.values()) {
    if (files.get(file.path) !== file.sizeBytes) yield `has ${file.path}, which the commits do not have so`
    files.delete(file.path)
  }
  for (const path of files.keys()) yield `lacks ${path}`
  const txns = new Map(replayed.txns.values().map(({ appId, version }) => [appId, version]))
  for (const { appId, version } of said.txns.values()) {
    if (txns.get(appId) !== version) yield `has ${appId} at ${version}, the commits at ${txns.get(appId)}`
    txns.delete(appId)
  }
  for (const appId of txns.keys()) yield `lacks the txn ${appId}`
  if (said.metaData.schemaString !== replayed.metaData.schemaString) yield 'has other columns than the commits'
  if (JSON.stringify(said.protocol) !== JSON.stringify(replayed.protocol)) yield 'has another protocol than the commits'
}

/** Looks at the data files of a snapshot: each is there with its size, is Parquet, and has the rows that its statistics say. */
export async function* checkFiles(
  store: ObjectStore,
  root: string,
  files: readonly DataFile[],
): AsyncIterable<TableProblem> {
  const found = new Map<string, ObjectInfo>()
  for await (const info of store.list(`${root}/`)) found.set(info.path.slice(root.length + 1), info)
  for (const file of files) {
    const problem = (what: string): TableProblem => ({ kind: 'file', where: file.path, what })
    const info = found.get(file.path)
    if (info === undefined) {
      yield problem('the table names this file and it is not there')
      continue
    }
    if (info.sizeBytes !== file.sizeBytes) {
      yield problem(`it has ${info.sizeBytes} bytes and should have ${file.sizeBytes}`)
      continue
    }
    try {
      const { rows } = await openDataFile(store, root, file)
      const told = recordsOf(file)
      if (told !== undefined && told !== rows) yield problem(`it has ${rows} rows, its statistics say ${told}`)
    } catch (error) {
      if (!(error instanceof Fault)) throw error
      yield problem(error.message)
    }
  }
}

/** Rows by the file's statistics; undefined where they do not say. */
export function recordsOf({ stats }: Pick<DataFile, 'stats'>): number | undefined {
  const told = /"numRecords"\s*:\s*(\d+)/.exec(stats ?? '')?.[1]
  return told === undefined ? undefined : Number(told)
}

import type { ObjectStore } from '#port'
import { Fault } from '#port'
import { encodeCheckpoint } from './checkpoint.ts'
import { removesOf } from './checkpoint-read.ts'
import { hintVersion } from './log.ts'
import type { Checkpoint } from './log-files.ts'
import { checkpointPath, lastCheckpointPath } from './paths.ts'
import { createOwn } from './patience.ts'
import { checkpointInterval, removedFileRetentionMs } from './retention.ts'
import type { LogState } from './state.ts'
import type { TableEffects } from './table-effects.ts'

/** Checkpoints of one table, one at a time, beside its commits. */
export interface Checkpointer {
  /** The log was read anew, from a checkpoint of that version or from none. */
  stands(version: number | undefined): void
  /** Begins a checkpoint where one is due and none is under way. What goes wrong is reported: nothing is lost, and the next commit tries again. */
  begin(state: LogState): void
  /** Writes one now, unless one stands that is fewer than `leastCommits` behind. */
  write(state: LogState, leastCommits: number): Promise<number | undefined>
  settled(): Promise<void>
}

/** `written` is told of each checkpoint that stands by our own hand, and of which table it is. */
export function checkpointer(
  store: ObjectStore,
  root: string,
  effects: TableEffects,
  written: (checkpoint: Checkpoint, tableId: string) => void,
): Checkpointer {
  const { nowMs, report, failpoint, sleep } = effects
  let newest: number | undefined
  let working: Promise<unknown> | undefined

  async function write(state: LogState, leastCommits: number): Promise<number | undefined> {
    const { version } = state
    const hint = await readHint()
    // A hint from the future is noise.
    if (hint !== undefined && hint <= version) newest = Math.max(newest ?? 0, hint)
    if (newest !== undefined && version - newest < leastCommits) return undefined
    const removedAfterMs = nowMs() - removedFileRetentionMs(state.metaData.configuration)
    const removes = removesOf(store, root, state)
    const { bytes, actions } = await encodeCheckpoint(state, removes, removedAfterMs, () => sleep(0))
    const path = checkpointPath(root, version)
    await createOwn(store, path, bytes, effects)
    newest = Math.max(newest ?? 0, version)
    written({ version, paths: [path] }, state.metaData.id)
    // Never back: another process may have written a newer one meanwhile.
    if (((await readHint()) ?? -1) < version) {
      const facts = { version, size: actions, sizeInBytes: bytes.length, numOfAddFiles: state.files.size }
      await store.replace(lastCheckpointPath(root), new TextEncoder().encode(JSON.stringify(facts)))
    }
    return version
  }

  async function readHint(): Promise<number | undefined> {
    const bytes = await store.read(lastCheckpointPath(root))
    return bytes && hintVersion(bytes)
  }

  async function attempt(state: LogState): Promise<void> {
    let done: number | undefined
    try {
      done = await write(state, checkpointInterval(state.metaData.configuration))
    } catch (error) {
      const what = `The checkpoint of ${root} at version ${state.version} was not written: ${error}`
      const mend = 'Nothing is lost; the next commit tries again.'
      report({
        kind: 'fault',
        fault: error instanceof Fault ? error : new Fault('lake/checkpoint', what, { mend, cause: error }),
      })
    }
    if (done !== undefined) failpoint('lake/checkpoint-written')
  }

  return {
    stands(version) {
      newest = version
    },
    begin(state) {
      if (working !== undefined) return
      if (state.version - (newest ?? 0) < checkpointInterval(state.metaData.configuration)) return
      working = attempt(state).finally(() => {
        working = undefined
      })
      working.catch(() => {}) // told to who waits for the end
    },
    async write(state, leastCommits) {
      await working
      const done = await write(state, leastCommits)
      if (done !== undefined) failpoint('lake/checkpoint-written')
      return done
    },
    async settled() {
      await working
    },
  }
}

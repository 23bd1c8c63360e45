import type { Snapshot, Table } from '#lake'
import { removedFileRetentionMs } from '#lake'
import type { ObjectInfo } from '#port'
import { Fault } from '#port'
import type { LogEffects } from './clean-log.ts'

export interface VacuumOptions {
  /** How long ago a file must have been removed or left over to go; absent, what the table says (`delta.deletedFileRetentionDuration`, a week). */
  readonly retainMs?: number
  /** Oldest version that must stay readable, however old it is. */
  readonly from?: number
  /** A shorter time than the table's own takes files from readers of older versions and from uploads whose commit is yet to come. */
  readonly evenIfReadersAndUploadsBreak?: boolean
}

export interface Vacuum {
  /** Objects that nothing needs, relative to the table's folder. */
  readonly files: readonly { readonly path: string; readonly sizeBytes: number }[]
  readonly sizeBytes: number
  readonly retainMs: number
}

/**
 * Files in the table's folder that no version needs which could be read within the retention, and that lie there for longer than it. An upload whose commit
 * is yet to come is younger. Faults: `lake/unsupported` (a table that we do not write), `lake/retention` (too short).
 */
export async function planVacuum(table: Table, options: VacuumOptions, effects: LogEffects): Promise<Vacuum> {
  await table.checkWritable()
  const snapshot = await table.snapshot()
  if (snapshot === undefined) return { files: [], sizeBytes: 0, retainMs: 0 }
  const retainMs = checkedRetention(table, snapshot, options)
  const cutMs = effects.nowMs() - retainMs
  const old: ObjectInfo[] = []
  for await (const info of effects.store.list(`${table.root}/`)) {
    if (info.modifiedMs <= cutMs && mayGo(info.path.slice(table.root.length + 1))) old.push(info)
  }
  if (old.length === 0) return { files: [], sizeBytes: 0, retainMs }
  const needed = await neededSince(table, cutMs, options)
  const files = old
    .map(({ path, sizeBytes }) => ({ path: path.slice(table.root.length + 1), sizeBytes }))
    .filter(({ path }) => !needed.has(path))
  return { files, sizeBytes: files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0), retainMs }
}

/** Removes what `planVacuum` finds. Looks again before each hundred: what was committed meanwhile stays. */
export async function vacuum(table: Table, options: VacuumOptions, effects: LogEffects): Promise<Vacuum> {
  const { store, nowMs, report, failpoint } = effects
  const startedMs = nowMs()
  const plan = await planVacuum(table, options, effects)
  // The commits that removed these files must not go with the machine's power after the files went.
  await table.sync()
  const gone: { path: string; sizeBytes: number }[] = []
  for (let start = 0; start < plan.files.length; start += 100) {
    const live = new Set((await table.snapshot())?.files.map(({ path }) => path))
    for (const file of plan.files.slice(start, start + 100)) {
      if (live.has(file.path)) continue
      await store.remove(`${table.root}/${file.path}`)
      gone.push(file)
    }
  }
  if (gone.length > 0) {
    failpoint('maintain/vacuumed')
    const tookMs = nowMs() - startedMs
    report({ kind: 'lake/maintained', table: table.root, deed: 'vacuum', written: 0, removed: gone.length, tookMs })
  }
  return { ...plan, files: gone, sizeBytes: gone.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) }
}

/** Who removed a file after a version was made may have a clock that is so far behind. */
const clocksDifferMs = 3_600_000

function checkedRetention(
  table: Table,
  { configuration }: Snapshot,
  { retainMs, evenIfReadersAndUploadsBreak = false }: VacuumOptions,
): number {
  const safeMs = removedFileRetentionMs(configuration)
  const wanted = retainMs ?? safeMs
  if (wanted >= safeMs || evenIfReadersAndUploadsBreak) return wanted
  const hours = (ms: number) => Math.round(ms / 36_000) / 100
  throw new Fault(
    'lake/retention',
    `${table.root} keeps what was removed for ${hours(safeMs)} hours; ${hours(wanted)} would take files from readers of older versions and from uploads under way.`,
    {
      mend: `Ask for ${hours(safeMs)} hours or more; or, if nobody reads or writes the table now, say so with --even-if-readers-and-uploads-break.`,
      facts: { root: table.root, safeMs, wantedMs: wanted },
    },
  )
}

/** Names of Delta's log, of hidden folders (`_change_data`) and hidden files are not a table's; partition folders may begin with `_`. What a writer of commits left half done is. */
function mayGo(path: string): boolean {
  if (/^_delta_log\/(?:\.|_commit_)[^/]*\.tmp$/.test(path)) return true
  return path.split('/').every((part) => !/^[_.]/.test(part) || part.includes('='))
}

async function neededSince(
  table: Table,
  cutMs: number,
  { from }: VacuumOptions,
): Promise<Pick<ReadonlySet<string>, 'has'>> {
  let sinceMs = cutMs
  // A version whose moment is not known needs all that was ever removed and is still told of.
  if (from !== undefined) sinceMs = Math.min(cutMs, ((await table.snapshotAt(from)).committedMs ?? 0) - clocksDifferMs)
  return (await table.filesNeededSince(sinceMs)) ?? { has: () => true }
}

import type { Contract } from '#contract'
import type { DataFile, Snapshot } from '#lake'
import type { Column } from '#port'
import { filesThatMayHold, soughtTexts } from './clean-bounds.ts'
import { discard } from './clean-commit.ts'
import type { CleanEffects } from './clean-work.ts'
import { workOf } from './clean-work.ts'
import { attachFiles, writeSelect } from './exchange.ts'
import { bronzeColumns } from './land/index.ts'

export const replayRoot = 'silver/replay'

/** One row for each time that a replay took a quarantined record. */
export const replayColumns: readonly Column[] = [
  { name: 'dataset', type: 'string', comment: 'Dataset' },
  { name: 'topic', type: 'string', comment: 'Topic of the record that was rejected' },
  { name: 'source', type: 'string', comment: 'Its source' },
  { name: 'partition', type: 'integer', comment: 'Its partition' },
  { name: 'offset', type: 'long', comment: 'Its offset' },
  { name: 'rule', type: 'string', comment: 'Rule that it had broken' },
  { name: 'rejected_by', type: 'string', comment: 'Fingerprint of the contract that had rejected it' },
  { name: 'replay', type: 'string', comment: 'The replay that took it: a hash of what it brought' },
  { name: 'replayed_at', type: 'timestamp', comment: 'When, UTC' },
  { name: 'contract', type: 'string', comment: 'Fingerprint of the contract that judged it again' },
  {
    name: 'as_source',
    type: 'string',
    comment: 'Source under which it was landed mended; null where it was judged again as it is',
  },
  { name: 'as_offset', type: 'long', comment: 'Its offset there; the partition is 0' },
]

/** The header of a mended record that names the record it was made from, as JSON. */
export const replayOf = 'replay-of'

/** What it says. */
export interface Origin {
  readonly topic: string
  readonly source: string
  readonly partition: number
  readonly offset: number
  readonly rule: string
  /** Fingerprint of the contract that had rejected the record. */
  readonly rejectedBy: string
  /** Fingerprint of the contract when the mended one was landed. */
  readonly contract: string
}

/** Says in Bronze that a replay's records are in, and in the table of marks that they are marked. */
export function replayTxn(dataset: string, replay: string): string {
  return `replay:${dataset}:${replay}`
}

/** A dataset's replays that a table knows of. */
export function replaysIn(snapshot: Snapshot | undefined, dataset: string): ReadonlySet<string> {
  const prefix = replayTxn(dataset, '')
  const known = [...(snapshot?.txns.keys() ?? [])].filter((appId) => appId.startsWith(prefix))
  return new Set(known.map((appId) => appId.slice(prefix.length)))
}

/** Replays that are landed and not marked yet. */
export async function unmarkedReplays(
  dataset: string,
  bronze: Snapshot | undefined,
  { table }: Pick<CleanEffects, 'table'>,
): Promise<readonly string[]> {
  const landed = replaysIn(bronze, dataset)
  if (landed.size === 0) return []
  const marked = replaysIn(await table(replayRoot).snapshot(), dataset)
  return [...landed].filter((replay) => !marked.has(replay))
}

/** Marks the records that landed replays have taken. What is marked follows from Bronze, so whoever cleans next does what a replay that died has left. */
export async function markLanded(
  contract: Contract,
  bronze: Snapshot | undefined,
  effects: CleanEffects,
): Promise<boolean> {
  const replays = await unmarkedReplays(contract.name, bronze, effects)
  if (replays.length === 0 || bronze === undefined) return false
  const schema = `mark_${contract.name}`
  const { dialect, name, place } = workOf(contract, effects, schema)
  const { identifier: id, literal } = dialect
  const files = filesThatMayHold(bronze.files, [soughtTexts('source', replays)])
  await attachFiles(place('bronze'), { root: `bronze/${contract.name}`, columns: bronzeColumns, files }, effects)
  const origin = `(${dialect.header(id('headers'), replayOf)})`
  const told = (member: keyof Origin): string => dialect.memberAt(origin, literal(member))
  for (const replay of replays) {
    const select = `SELECT ${literal(contract.name)} AS dataset, ${told('topic')} AS topic, ${told('source')} AS source,
        ${dialect.cast(told('partition'), 'integer')} AS ${id('partition')}, ${dialect.cast(told('offset'), 'long')} AS ${id('offset')}, ${told('rule')} AS rule, ${told('rejectedBy')} AS rejected_by,
        ${literal(replay)} AS replay, ingest_ts AS replayed_at, ${told('contract')} AS contract, source AS as_source, ${id('offset')} AS as_offset
      FROM ${name('bronze')} WHERE source = ${literal(replay)}`
    await commitMarks(contract.name, replay, await writeSelect(effects.table(replayRoot), select, effects), effects)
  }
  await effects.engine.run(`DROP SCHEMA IF EXISTS ${schema} CASCADE`)
  return true
}

/** Commits a replay's marks, once. 'moved': there are not `known` replays of the dataset any more, which the marks were chosen by. */
export async function commitMarks(
  dataset: string,
  replay: string,
  add: readonly DataFile[],
  effects: CleanEffects,
  known?: number,
): Promise<'done' | 'moved'> {
  const table = effects.table(replayRoot)
  const appId = replayTxn(dataset, replay)
  let moved = false
  effects.failpoint('replay/before-mark')
  const { outcome } = await table.commit({
    operation: 'WRITE',
    parameters: { mode: 'Append' },
    blindAppend: true,
    stage(newest) {
      moved = known !== undefined && replaysIn(newest, dataset).size !== known
      if (moved || newest?.txns.has(appId)) return undefined
      const made = newest === undefined ? { columns: replayColumns } : {}
      return { ...made, add, remove: [], txns: [{ appId, version: 1 }] }
    },
  })
  if (outcome === 'unneeded') await discard(table, add, effects)
  effects.failpoint('replay/after-mark')
  return moved ? 'moved' : 'done'
}

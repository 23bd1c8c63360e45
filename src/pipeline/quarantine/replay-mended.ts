import type { Contract } from '#contract'
import { fingerprint } from '#contract'
import { cleanDataset } from '../clean.ts'
import type { CleanEffects } from '../clean-work.ts'
import type { RejectedAgain } from './desk.ts'
import { atDesk, contended, judge, locate, recallRecords, rounds } from './desk.ts'
import { landedBefore, landMended, loadRecords } from './land-mended.ts'
import type { Mended, MendedLine } from './mended.ts'
import { mend, replayId } from './mended.ts'
import { findOriginals, loadCoordinates } from './originals.ts'
import { readRecordId, recordId } from './record.ts'
import type { DatasetReplay } from './replay.ts'

/**
 * Lands mended records as records of a source of their own, whose id is a hash of what they are, and cleans the dataset. One commit brings the rows and says
 * that the replay is in; it is made only where no other replay came in since it was looked which of the records are in already.
 * A mended record has its original's time, so that it takes the place among the records of its key that the original would have had.
 * Faults: `quarantine/not-there`, `quarantine/whole-file`, those of cleaning.
 */
export async function replayMended(
  contract: Contract,
  lines: readonly MendedLine[],
  { dryRun }: { readonly dryRun: boolean },
  effects: CleanEffects,
): Promise<DatasetReplay> {
  const print = fingerprint(contract)
  const { table } = effects
  // So that a record which the contract takes by now is known for one.
  if (!dryRun) await cleanDataset(contract, effects)
  return atDesk(contract, effects, async (desk) => {
    const file = await table('bronze/file').snapshot()
    const originals = await findOriginals(desk, lines, file)
    const given = lines.map((line) => mend(line, originals(line)))
    const mended = inOrder(given.filter((each) => each !== undefined))
    const about = { dataset: contract.name, contract: print, unchanged: given.filter((each) => !each).length }
    for (let round = 0; round < rounds; round += 1) {
      const bronze = await table(`bronze/${contract.name}`).snapshot()
      const landed = await landedBefore(desk, bronze)
      const fresh = mended.filter(({ hash }) => !landed.has(hash))
      const replay =
        fresh.length === 0
          ? null
          : replayId(
              contract.name,
              fresh.map(({ hash }) => hash),
            )
      const told = { ...about, taken: fresh.length, earlier: mended.length - fresh.length }
      if (dryRun) {
        await loadRecords(desk, mended)
        const verdict = await judge(desk, desk.name('records'), file)
        return { ...told, ...verdict, examples: verdict.examples.map(ofOriginal(mended)), replay: null, now: null }
      }
      if (replay !== null && !(await landMended(desk, { replay, fresh, bronze, print }))) continue
      await cleanDataset(contract, effects)
      for (const [offset, { hash }] of fresh.entries()) landed.set(hash, { source: String(replay), offset })
      const chosen = await loadCoordinates(
        desk,
        'chosen',
        mended.flatMap(({ hash }) => landed.get(hash) ?? []).map((at) => ({ ...at, partition: 0 })),
      )
      const standing = await table(`bronze/${contract.name}`).snapshot()
      if (standing !== undefined) await recallRecords(desk, chosen, standing, 'records')
      const verdict = await judge(desk, desk.name('records'), file)
      return { ...told, ...verdict, replay, now: await locate(desk, print, chosen) }
    }
    throw contended(contract.name)
  })
}

/** What is not landed has no coordinates: it is told by the record that it was made from. */
function ofOriginal(mended: readonly Mended[]): (again: RejectedAgain) => RejectedAgain {
  return (again) => {
    const line = readRecordId(again.record)?.offset
    const original = mended.find((each) => each.line === line)?.original
    return original === undefined ? again : { ...again, record: recordId(original.at) }
  }
}

/** Each once, in an order that does not hang on the file's. */
function inOrder(mended: readonly Mended[]): readonly Mended[] {
  const once = [...new Map(mended.map((each) => [each.hash, each])).values()]
  const order = ({ original: { at }, hash }: Mended) =>
    `${at.source}/${String(at.partition).padStart(9, '0')}/${String(at.offset).padStart(16, '0')}/${hash}`
  return once.sort((a, b) => (order(a) < order(b) ? -1 : 1))
}

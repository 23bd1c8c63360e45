import type { Contract } from '#contract'
import { fingerprint } from '#contract'
import { cleanDataset, cleanIsStale } from '../clean.ts'
import { commitMarks, replayRoot, replaysIn } from '../clean-marks.ts'
import type { CleanEffects, Work } from '../clean-work.ts'
import { coordinates, countOf } from '../clean-work.ts'
import { writeSelect } from '../exchange.ts'
import type { Verdict, Whereabouts } from './desk.ts'
import { atDesk, contended, judge, locate, recallRecords, rounds } from './desk.ts'
import type { QuarantineFilter } from './filter.ts'
import { attachRejected } from './rejected.ts'

/** What a replay did for one dataset. */
export interface DatasetReplay extends Verdict {
  readonly dataset: string
  /** Fingerprint of the contract that judged. */
  readonly contract: string
  /** Id of the replay; null where it took nothing that was not taken before. */
  readonly replay: string | null
  /** Records taken by this call; the others that were meant an earlier one had taken. */
  readonly taken: number
  readonly earlier: number
  /** Lines whose record is as it was shown: left out. */
  readonly unchanged: number
  /** Where the records are now; null where nothing was done. */
  readonly now: Whereabouts | null
}

/**
 * Has the contract and the code as they stand judge quarantined records again, as they are. They are marked, and then the dataset is cleaned, which moves those
 * that pass: a record keeps its coordinates, so nothing is landed, and it stands in one place. The mark comes first, since cleaning is anyone's to finish.
 */
export async function replayAsTheyAre(
  contract: Contract,
  filter: QuarantineFilter,
  { dryRun }: { readonly dryRun: boolean },
  effects: CleanEffects,
): Promise<DatasetReplay> {
  const print = fingerprint(contract)
  return atDesk(contract, effects, async (desk) => {
    const { table } = effects
    const about = { dataset: contract.name, contract: print, unchanged: 0 }
    for (let round = 0; round < rounds; round += 1) {
      const known = replaysIn(await table(replayRoot).snapshot(), contract.name).size
      const chosen = await choose(desk, { ...filter, dataset: contract.name })
      const records = await countOf(chosen, effects)
      const bronze = await table(`bronze/${contract.name}`).snapshot()
      if (records === 0 || bronze === undefined) return { ...about, ...nothing }
      await recallRecords(desk, chosen, bronze, 'records')
      const verdict = await judge(desk, desk.name('records'), await table('bronze/file').snapshot())
      const news = await newMarks(desk, chosen, print)
      const told = { ...about, ...verdict, taken: news.records, earlier: records - news.records }
      if (dryRun) return { ...told, replay: null, now: null }
      if (news.records > 0) {
        const add = await writeSelect(table(replayRoot), news.select, effects)
        if ((await commitMarks(contract.name, news.replay, add, effects, known)) === 'moved') continue
      }
      const full = verdict.passed > 0 && !(await cleanIsStale(contract, effects)) && (await allJudgedBy(desk, print))
      // The same contract judged them otherwise before: what it judged with has changed, and that goes for every record.
      await cleanDataset(contract, effects, { full })
      const now = await locate(desk, print, chosen)
      return { ...told, replay: news.records > 0 ? news.replay : null, now }
    }
    throw contended(contract.name)
  })
}

const nothing = { passed: 0, rejected: 0, examples: [], taken: 0, earlier: 0, replay: null, now: null }

async function choose(desk: Work, filter: QuarantineFilter): Promise<string> {
  const { contract, dialect, effects, name } = desk
  const rejected = await attachRejected(`replay_${contract.name}`, filter, effects)
  await effects.engine.run(
    `CREATE OR REPLACE TABLE ${name('chosen')} AS SELECT topic, ${coordinates(dialect)}, rule, contract FROM (${rejected})`,
  )
  return name('chosen')
}

async function allJudgedBy({ dialect, effects, name }: Work, print: string): Promise<boolean> {
  return (await countOf(`${name('chosen')} WHERE contract <> ${dialect.literal(print)}`, effects)) === 0
}

/** Marks for the chosen records that this contract has not been asked to judge again before. */
async function newMarks(
  { contract, dialect, effects, name }: Work,
  chosen: string,
  print: string,
): Promise<{ readonly records: number; readonly replay: string; readonly select: string }> {
  const { identifier: id, literal } = dialect
  const own = coordinates(dialect)
  const fresh = `(SELECT * FROM ${chosen} WHERE (${own}) NOT IN (
    SELECT ${own} FROM ${name('replay')} WHERE dataset = ${literal(contract.name)} AND contract = ${literal(print)} AND as_source IS NULL))`
  const { rows } = await effects.engine.query(
    `SELECT count(*), ${dialect.hash(`${literal(`${contract.name} ${print} `)} || string_agg(${dialect.hash(`concat_ws('/', ${own})`)}, '' ORDER BY ${own})`)} FROM ${fresh}`,
  )
  const [records, replay] = rows[0] ?? []
  const now = dialect.cast(literal(new Date(effects.nowMs()).toISOString()), 'timestamp')
  const select = `SELECT ${literal(contract.name)} AS dataset, topic, ${own}, rule, contract AS rejected_by, ${literal(String(replay))} AS replay, ${now} AS replayed_at, ${literal(print)} AS contract,
      ${dialect.cast('NULL', 'string')} AS as_source, ${dialect.cast('NULL', 'long')} AS as_offset FROM ${fresh} ORDER BY ${id('source')}, ${id('offset')}`
  return { records: Number(records), replay: String(replay), select }
}

import { setTimeout as sleep } from 'node:timers/promises'
import type { Contract } from '#contract'
import type { ProduceEffects } from '#pipeline'
import { newestPublication, produceSeason, replayDataset as replayRecords, runLine } from '#pipeline'
import type { RecordLog } from '#port'
import { Fault } from '#port'
import type { SeasonSchool } from '#season'
import { liveSeason } from '#season'
import type { ProduceResult, ReplayOptions, SeasonOptions, StreamOptions, WorkEffects } from './api.ts'
import { listDatasets } from './contracts.ts'
import { failpointFrom } from './failpoint.ts'
import { goldRows } from './gold-rows.ts'
import type { Lake } from './lake.ts'
import { requiredLake } from './lake.ts'
import type { TableRow } from './live-state.ts'
import { newestRates } from './live-state.ts'
import { openLog } from './log.ts'
import { liveDataset } from './project.ts'

/** Plays a survey season into its topic, in real time. Faults: `stream/no-schools`, the log's own. */
export function playSeason(options: SeasonOptions, work: WorkEffects): Promise<ProduceResult> {
  return producing(options, work, async (lake, contracts, effects) => {
    const contract = contracts.find(({ name }) => name === liveDataset)
    if (contract?.stream === undefined) throw new TypeError(`${liveDataset} is a dataset with a topic of its own`)
    const { rate, seconds, seed, shares } = options.season
    const season = liveSeason({
      ...{ seed, records: rate * seconds, perSecond: rate, ...shares },
      ...(await publishedSchools(lake, options.lake)),
    })
    const { topic, partitions } = contract.stream
    return produceSeason({ topic, partitions, season, perSecond: rate }, effects)
  })
}

/** Sends the records of a landed dataset as messages. Faults: `stream/unknown-dataset`, `stream/nothing`, the log's own. */
export function replayDataset(options: ReplayOptions, work: WorkEffects): Promise<ProduceResult> {
  return producing(options, work, async (lake, contracts, effects) => {
    const contract = contracts.find(({ name }) => name === options.dataset)
    if (contract === undefined) {
      throw new Fault('stream/unknown-dataset', `${options.dataset} is no dataset.`, {
        mend: `Datasets are ${contracts.map(({ name }) => name).join(', ')}.`,
        facts: { dataset: options.dataset },
      })
    }
    return replayRecords(contract, { ...effects, ...lake })
  })
}

async function producing(
  options: StreamOptions,
  { report, signal }: WorkEffects,
  send: (
    lake: Lake,
    contracts: readonly Contract[],
    effects: ProduceEffects,
  ) => Promise<Omit<ProduceResult, 'topic' | 'topicId' | 'tookMs'> & { readonly topic: { name: string; id: string } }>,
): Promise<ProduceResult> {
  const startedMs = Date.now()
  const failpoint = failpointFrom(process.env)
  const contracts = await listDatasets(options)
  const lake = await requiredLake(options.lake, { report, failpoint })
  const log: RecordLog = await openLog(options, report)
  try {
    const { topic, sent, total, complete } = await send(lake, contracts, {
      ...{ log, nowMs: Date.now, random: Math.random, report, failpoint, signal },
      sleep: async (ms) => void (await sleep(ms, undefined, { signal }).catch(() => {})), // woken early by the end
    })
    return { topic: topic.name, topicId: topic.id, sent, total, complete, tookMs: Date.now() - startedMs }
  } finally {
    await log.close()
  }
}

/** Schools with the newest published rates, and the year after these. */
async function publishedSchools(
  lake: Lake,
  folder: string,
): Promise<{ readonly schoolYear: number; readonly schools: readonly SeasonSchool[] }> {
  const publication = await newestPublication(runLine, lake)
  const rows = publication === undefined ? [] : await goldRows(lake, publication, 'school_climate_snapshot')
  const rates = newestRates(rows)
  if (rates === undefined) {
    throw new Fault('stream/no-schools', `The lake in ${folder} has published no school with response rates yet.`, {
      mend: 'Fill it first: fairlead run --from DIR, or fairlead start --once for sample data.',
      facts: { lake: folder },
    })
  }
  const enrolment = newestEnrolment(rows)
  const schools = rows
    .filter(({ school_year: year }) => Number(year) === rates.year)
    .map(({ dbn }) => String(dbn))
    .sort()
    .map((dbn) => ({
      dbn,
      enrolment: enrolment.get(dbn) ?? null,
      rates: {
        student: rates.rate(dbn, 'student'),
        teacher: rates.rate(dbn, 'teacher'),
        parent: rates.rate(dbn, 'parent'),
      },
    }))
  return { schoolYear: rates.year + 1, schools }
}

function newestEnrolment(rows: readonly TableRow[]): ReadonlyMap<string, number> {
  const known = rows.filter(({ total_enrollment: pupils }) => pupils !== null && pupils !== undefined)
  return new Map(
    known
      .sort((a, b) => Number(a.school_year) - Number(b.school_year))
      .map(({ dbn, total_enrollment: pupils }) => [String(dbn), Number(pupils)]),
  )
}

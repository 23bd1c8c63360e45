import { readFile, stat } from 'node:fs/promises'
import type { Contract } from '#contract'
import type { Coordinates, DatasetReplay, MendedLine, QuarantineFilter, QuarantinePage, StageEffects } from '#pipeline'
import { listRejected, readMendedLine, readRecordId, replayAsTheyAre, replayMended, showRejected } from '#pipeline'
import { Fault, noFailpoint } from '#port'
import type {
  LakeOptions,
  QuarantineOptions,
  QuarantineReplayOptions,
  QuarantineShowOptions,
  WorkEffects,
} from './api.ts'
import { listDatasets } from './contracts.ts'
import { failpointFrom } from './failpoint.ts'
import { requiredLake } from './lake.ts'
import type { QuarantineAsk, QuarantineList, QuarantineReplay } from './quarantine-api.ts'
import { inWorkshop } from './workshop.ts'

/** Of one file of mended records; what does not fit is replayed in parts. */
const mostBytes = 64 * 1024 * 1024

/** What is in quarantine, by source and rule. Faults of all three: `lake/none`, `quarantine/unknown-dataset`. */
export async function listQuarantine(options: QuarantineOptions, work: WorkEffects): Promise<QuarantineList> {
  const filter = filterOf(options.filter)
  return looking(options, filter, work, async (effects) => {
    const groups = await listRejected(filter, effects)
    const sum = (of: 'records' | 'replayed' | 'open') => groups.reduce((total, group) => total + group[of], 0)
    return { records: sum('records'), replayed: sum('replayed'), open: sum('open'), groups }
  })
}

/** The records themselves, a page at a time. */
export async function showQuarantine(options: QuarantineShowOptions, work: WorkEffects): Promise<QuarantinePage> {
  const filter = filterOf(options.filter)
  const { limit, after } = options.page
  const page = { limit, after: after === undefined ? undefined : coordinatesOf(after) }
  return looking(options, filter, work, (effects) => showRejected(filter, page, effects))
}

/** Has records judged again, as they are or mended. Faults too: `quarantine/bad-line`, `quarantine/not-there`, those of cleaning. */
export async function replayQuarantine(
  { what, dryRun, ...options }: QuarantineReplayOptions,
  { report, signal }: WorkEffects,
): Promise<QuarantineReplay> {
  const startedMs = Date.now()
  const contracts = await listDatasets(options)
  const mended = 'from' in what ? await readMended(what.from, contracts) : undefined
  const filter = 'filter' in what ? filterOf(what.filter) : undefined
  if (filter !== undefined) checkDataset(filter, contracts)
  const failpoint = failpointFrom(process.env)
  const lake = await requiredLake(options.lake, { report, failpoint })
  return inWorkshop(lake, options, { report, signal, failpoint }, async (effects) => {
    const datasets =
      filter !== undefined
        ? await replayFiltered(filter, contracts, dryRun, effects)
        : await replayFile(mended ?? new Map(), dryRun, effects)
    return { dryRun, datasets, tookMs: Date.now() - startedMs }
  })
}

function filterOf({ record, ...filter }: QuarantineAsk): QuarantineFilter {
  return { ...filter, record: record === undefined ? undefined : coordinatesOf(record) }
}

function coordinatesOf(record: string): Coordinates {
  const at = readRecordId(record)
  if (at !== undefined) return at
  throw new Fault('usage/bad-value', `${record} is no record's id.`, {
    mend: 'Give it as quarantine show prints it: dataset/source/partition/offset.',
    facts: { record },
  })
}

async function looking<T>(
  options: LakeOptions,
  filter: QuarantineFilter,
  { report, signal }: WorkEffects,
  look: (effects: StageEffects) => Promise<T>,
): Promise<T> {
  checkDataset(filter, await listDatasets(options))
  const lake = await requiredLake(options.lake, { report, failpoint: noFailpoint })
  return inWorkshop(lake, options, { report, signal, failpoint: noFailpoint }, look)
}

async function replayFiltered(
  filter: QuarantineFilter,
  contracts: readonly Contract[],
  dryRun: boolean,
  effects: StageEffects,
): Promise<readonly DatasetReplay[]> {
  const meant = new Set((await listRejected(filter, effects)).map(({ dataset }) => dataset))
  const replays: DatasetReplay[] = []
  for (const contract of contracts)
    if (meant.has(contract.name)) replays.push(await replayAsTheyAre(contract, filter, { dryRun }, effects))
  return replays
}

/** One dataset after the other, once it is known of all that their lines are good. */
async function replayFile(
  mended: ReadonlyMap<Contract, readonly MendedLine[]>,
  dryRun: boolean,
  effects: StageEffects,
): Promise<readonly DatasetReplay[]> {
  const all = async (dry: boolean): Promise<readonly DatasetReplay[]> => {
    const replays: DatasetReplay[] = []
    for (const [contract, lines] of mended) replays.push(await replayMended(contract, lines, { dryRun: dry }, effects))
    return replays
  }
  if (!dryRun && mended.size > 1) await all(true)
  return all(dryRun)
}

async function readMended(
  path: string,
  contracts: readonly Contract[],
): Promise<ReadonlyMap<Contract, readonly MendedLine[]>> {
  const text = await textOf(path)
  const lines = text.split('\n').flatMap((line, at) => (line.trim() === '' ? [] : [readMendedLine(line, at + 1)]))
  const byContract = Map.groupBy(lines, ({ at }) => {
    checkDataset({ dataset: at.dataset, open: false }, contracts)
    return contracts.find(({ name }) => name === at.dataset)
  })
  return new Map(
    [...byContract].flatMap(([contract, own]) => (contract === undefined ? [] : [[contract, own] as const])),
  )
}

async function textOf(path: string): Promise<string> {
  try {
    const { size } = await stat(path)
    if (size <= mostBytes) return new TextDecoder('utf-8', { fatal: true }).decode(await readFile(path))
  } catch (cause) {
    throw new Fault('quarantine/unreadable', `${path} cannot be read as text in UTF-8.`, {
      mend: 'Name a file that quarantine show --ndjson wrote and you may read.',
      cause,
      facts: { path },
    })
  }
  throw new Fault('quarantine/too-large', `${path} is larger than ${mostBytes / 1024 / 1024} MB.`, {
    mend: 'Split it by lines and replay the parts one after the other.',
    facts: { path },
  })
}

function checkDataset({ dataset, record }: QuarantineFilter, contracts: readonly Contract[]): void {
  const asked = [dataset, record?.dataset].find(
    (name) => name !== undefined && !contracts.some((contract) => contract.name === name),
  )
  if (asked === undefined) return
  throw new Fault('quarantine/unknown-dataset', `${asked} is no dataset.`, {
    mend: `Datasets are ${contracts.map(({ name }) => name).join(', ')}.`,
    facts: { dataset: asked },
  })
}

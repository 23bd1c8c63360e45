import type { Contract } from '#contract'
import type { Snapshot, Table } from '#lake'
import type { Failpoint, ObjectStore, Report } from '#port'
import { Fault } from '#port'
import type { BronzeEffects, BronzeSource } from './bronze.ts'
import { appendRecords, bronzeTxn } from './bronze.ts'
import type { Examined } from './examine.ts'
import { examine } from './examine.ts'
import type { FileRow, KnownFiles } from './file-table.ts'
import { checkKind, knownFiles, recordFile } from './file-table.ts'
import { isManifest, sampleSeeds } from './manifest.ts'
import type { Original, SourceFile } from './source-file.ts'
import { holdBytes, keepOriginal, readOriginal } from './source-file.ts'

export interface LandEffects {
  readonly store: ObjectStore
  /** The Delta table whose folder in the store this is. */
  readonly table: (root: string) => Table
  readonly nowMs: () => number
  readonly report: Report
  readonly failpoint: Failpoint
  readonly signal: AbortSignal
}

export interface Landing {
  /** By dataset and file name: records that this run added. Every file that a dataset has is there, with 0 where it was known. */
  readonly datasets: Readonly<Record<string, Readonly<Record<string, { readonly added: number }>>>>
  /** Files that no contract takes, by headers or by name. */
  readonly unmatched: readonly string[]
  readonly quarantinedFiles: readonly { readonly dataset: string; readonly file: string; readonly why: string }[]
  /** Files that could not be read this time (permission, gone, changing); nothing of them is landed, and the next run tries again. */
  readonly faults: readonly { readonly file: string; readonly fault: Fault }[]
}

export interface LandOptions {
  /** Bytes of one file that may be held in memory; a larger file is read in passes. */
  readonly holdBytes?: number
}

/** One thing landing would do. */
export interface PlannedFile {
  readonly file: string
  readonly outcome: 'new' | 'known' | 'quarantine' | 'unmatched' | 'fault'
  readonly dataset: string | null
  readonly why: string
}

/**
 * Files into Bronze: each file's bytes are kept, then it is recorded in `bronze.file`, then its records are appended, in that order;
 * so a crash in between is mended by landing it again, and landing it again when all is in changes nothing.
 * Files are taken in the order of their names, one after the other. A file that cannot be read is one Bronze record without a value that says why.
 * A store or lake that fails ends the landing; a file that fails does not.
 */
export async function landFiles(
  files: readonly SourceFile[],
  contracts: readonly Contract[],
  effects: LandEffects,
  { holdBytes: holdAtMost = holdBytes }: LandOptions = {},
): Promise<Landing> {
  const started = effects.nowMs()
  const { report } = effects
  const seedOf = await sampleSeeds(files)
  const data = files.filter((file) => !isManifest(file)).sort((a, b) => (a.name < b.name ? -1 : 1))
  report({ kind: 'stage/started', stage: 'land', total: data.length, unit: 'files' })
  const lake = await lookUp(contracts, effects)
  const landing: Mutable<Landing> = { datasets: {}, unmatched: [], quarantinedFiles: [], faults: [] }
  for (const [done, file] of data.entries()) {
    checkStop(effects.signal)
    report({ kind: 'stage/progress', stage: 'land', what: file.name, done, total: data.length, unit: 'files' })
    try {
      add(landing, file.name, await landFile(file, seedOf(file.name), contracts, lake, effects, holdAtMost))
    } catch (error) {
      if (!(error instanceof Fault) || !isOfOneFile(error)) throw error
      landing.faults = [...landing.faults, { file: file.name, fault: error }]
      report({ kind: 'fault', fault: error })
    }
  }
  const tookMs = effects.nowMs() - started
  report({ kind: 'stage/ended', stage: 'land', what: `${data.length} files`, tookMs })
  return landing
}

/** What landing would do, without doing it. */
export async function planLanding(
  files: readonly SourceFile[],
  contracts: readonly Contract[],
  effects: Pick<LandEffects, 'table' | 'signal'>,
): Promise<readonly PlannedFile[]> {
  const lake = await lookUp(contracts, effects)
  const planned: PlannedFile[] = []
  for (const file of files.filter((one) => !isManifest(one)).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    checkStop(effects.signal)
    try {
      const original = await readOriginal(file)
      const known = lake.landedAs(original.sha256, file.name)
      planned.push(
        known === undefined
          ? plannedOf(file, await examine(file, original, contracts, { holdAtMost: holdBytes, onRecognised: () => {} }))
          : { file: file.name, outcome: 'known', dataset: known.dataset, why: 'its bytes are landed' },
      )
    } catch (error) {
      if (!(error instanceof Fault) || !isOfOneFile(error)) throw error
      planned.push({ file: file.name, outcome: 'fault', dataset: null, why: error.message })
    }
  }
  return planned
}

function plannedOf({ name: file }: SourceFile, examined: Examined): PlannedFile {
  switch (examined.kind) {
    case 'unmatched':
      return { file, outcome: 'unmatched', dataset: null, why: 'no contract takes it' }
    case 'unreadable':
      return { file, outcome: 'quarantine', dataset: examined.dataset, why: examined.why }
    case 'records': {
      const { recognised, records } = examined
      const why = `${records.count} records in layout ${recognised.layout.name}`
      return { file, outcome: 'new', dataset: recognised.contract.name, why }
    }
  }
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

type Outcome =
  | { readonly outcome: 'landed' | 'known'; readonly dataset: string; readonly added: number }
  | { readonly outcome: 'quarantined'; readonly dataset: string; readonly added: number; readonly why: string }
  | { readonly outcome: 'unmatched' }

function add(landing: Mutable<Landing>, file: string, landed: Outcome): void {
  if (landed.outcome === 'unmatched') {
    landing.unmatched = [...landing.unmatched, file]
    return
  }
  const { dataset, added } = landed
  landing.datasets = { ...landing.datasets, [dataset]: { ...landing.datasets[dataset], [file]: { added } } }
  if (landed.outcome === 'quarantined') {
    landing.quarantinedFiles = [...landing.quarantinedFiles, { dataset, file, why: landed.why }]
  }
}

/** What the lake has already, looked up once. */
interface Lake {
  readonly known: KnownFiles
  /** The dataset under which these bytes are recorded with this name, readable, and fully in Bronze. */
  landedAs(sha256: string, name: string): { readonly dataset: string; readonly records: number } | undefined
}

async function lookUp(contracts: readonly Contract[], { table }: Pick<LandEffects, 'table'>): Promise<Lake> {
  const known = knownFiles(await table('bronze/file').snapshot())
  const bronze = new Map<string, Snapshot | undefined>()
  for (const { name } of contracts) bronze.set(name, await table(`bronze/${name}`).snapshot())
  return {
    known,
    landedAs(sha256, name) {
      for (const { name: dataset } of contracts) {
        if (!known.isRecorded({ dataset, sha256, name, layout: '' })) continue
        const sources = known.sourcesOf(dataset, sha256).filter(({ source }) => source !== sha256)
        const txns = bronze.get(dataset)?.txns
        if (sources.length === 0 || !sources.every(({ source }) => txns?.has(bronzeTxn(dataset, source)))) continue
        return { dataset, records: sources.reduce((sum, { records }) => sum + records, 0) }
      }
      return undefined
    },
  }
}

async function landFile(
  file: SourceFile,
  seed: string | null,
  contracts: readonly Contract[],
  lake: Lake,
  effects: LandEffects,
  holdAtMost: number,
): Promise<Outcome> {
  const started = effects.nowMs()
  const done = (dataset: string, outcome: 'landed' | 'known' | 'quarantined', rows: number) =>
    effects.report({ kind: 'land/file', dataset, file: file.name, outcome, rows, tookMs: effects.nowMs() - started })
  const original = await readOriginal(file, holdAtMost)
  const known = lake.landedAs(original.sha256, file.name)
  if (known !== undefined) {
    done(known.dataset, 'known', known.records)
    return { outcome: 'known', dataset: known.dataset, added: 0 }
  }
  const onRecognised = (dataset: string) => effects.report({ kind: 'land/recognised', dataset, file: file.name })
  const examined = await examine(file, original, contracts, { holdAtMost, onRecognised })
  if (examined.kind === 'unmatched') {
    effects.report({ kind: 'land/unmatched', file: file.name })
    return { outcome: 'unmatched' }
  }
  checkKind(seed === null ? 'real' : 'sample', lake.known)
  if (examined.kind === 'records') {
    const { added, count } = await landRecords(file, original, seed, examined, effects)
    const dataset = examined.recognised.contract.name
    const outcome = added === 0 && count > 0 ? 'known' : 'landed'
    done(dataset, outcome, count)
    return { outcome, dataset, added }
  }
  const { dataset, why } = examined
  const added = await landUnreadable(file, original, seed, examined, effects)
  done(dataset, 'quarantined', 1)
  return { outcome: 'quarantined', dataset, added, why }
}

async function landRecords(
  file: SourceFile,
  original: Original,
  seed: string | null,
  { recognised, records, format }: Extract<Examined, { kind: 'records' }>,
  effects: LandEffects,
): Promise<{ added: number; count: number }> {
  const dataset = recognised.contract.name
  const row: FileRow = {
    ...rowOf(file, original, seed, effects.nowMs()),
    dataset,
    source: records.source,
    format,
    encoding: records.encoding,
    layout: recognised.layout.name,
    keys: records.keys,
    records: records.count,
    error: null,
  }
  const from: BronzeSource = {
    dataset,
    source: records.source,
    timestampMs: records.publishedMs ?? file.modifiedMs,
    timestampType: records.publishedMs === undefined ? 'file_modified' : 'publisher',
    headers: seed === null ? {} : { sample: seed },
    ingestMs: row.fetchedMs,
  }
  await keepAndRecord(original, row, effects)
  return {
    added: await appendRecords(from, records.count, records.batches(), bronzeEffects(effects)),
    count: records.count,
  }
}

/** A file that cannot be read is one record, so that what was landed and what was refused still add up. */
async function landUnreadable(
  file: SourceFile,
  original: Original,
  seed: string | null,
  { dataset, why }: Extract<Examined, { kind: 'unreadable' }>,
  effects: LandEffects,
): Promise<number> {
  const row: FileRow = {
    ...rowOf(file, original, seed, effects.nowMs()),
    dataset,
    source: original.sha256,
    format: null,
    encoding: null,
    layout: null,
    keys: [],
    records: 1,
    error: why,
  }
  const from: BronzeSource = {
    dataset,
    source: original.sha256,
    timestampMs: file.modifiedMs,
    timestampType: 'file_modified',
    headers: { error: why, ...(seed === null ? {} : { sample: seed }) },
    ingestMs: row.fetchedMs,
  }
  await keepAndRecord(original, row, effects)
  async function* only() {
    yield [null]
  }
  return await appendRecords(from, 1, only(), bronzeEffects(effects))
}

function rowOf(file: SourceFile, { sha256, sizeBytes }: Original, sample: string | null, fetchedMs: number) {
  return { name: file.name, url: file.url ?? null, sha256, sizeBytes, modifiedMs: file.modifiedMs, fetchedMs, sample }
}

async function keepAndRecord(original: Original, row: FileRow, effects: LandEffects): Promise<void> {
  checkStop(effects.signal)
  await keepOriginal(original, effects.store)
  effects.failpoint('land/bytes-kept')
  await recordFile(row, effects.table('bronze/file'))
  effects.failpoint('land/file-recorded')
}

function bronzeEffects({ store, table, failpoint, signal }: LandEffects): BronzeEffects {
  return { store, table, failpoint, checkStop: () => checkStop(signal) }
}

function checkStop(signal: AbortSignal): void {
  if (!signal.aborted) return
  throw new Fault('machine/stopped', 'Landing was stopped between two commits.', {
    mend: 'Run again: it goes on where it stopped.',
    retry: true,
  })
}

/** Faults that say something of one file, and nothing of the next. */
function isOfOneFile({ code }: Fault): boolean {
  return ['land/unreadable-file', 'land/vanished', 'land/changed', 'contract/ambiguous'].includes(code)
}

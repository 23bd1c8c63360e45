import assert from 'node:assert/strict'
import type { Contract } from '#contract'
import { defineContract, fingerprint } from '#contract'
import { writeParquet } from '#parquet'
import type { MendedLine, QuarantinedRecord, SourceFile, StageEffects } from '#pipeline'
import { bronzeColumns, cleanDataset, datasetCounts, readMendedLine, showRejected } from '#pipeline'
import { ours, rowsOf, rowsOfEach, textFile, trust } from './clean-fixture.ts'

/** Comes by files and by a topic; has two rules that reject, a measure in a table of its own, and a person's name that stays in Bronze. */
export const visit: Contract = defineContract({
  name: 'visit',
  title: 'Visits',
  about: 'Who came.',
  grain: 'one place',
  ...ours,
  stream: { topic: 'visits', partitions: 2 },
  files: ['*.csv'],
  encodings: ['utf-8'],
  missing: [],
  layouts: [
    { name: 'plain', about: 'plain', format: 'csv', requires: ['Place', 'Visits'], constants: { year: 2019 } },
    { name: 'message', about: 'message', format: 'message', requires: ['id'] },
  ],
  columns: {
    id: {
      ...{ type: 'string', about: 'id', unit: 'code', from: ['id', 'Place'] },
      required: { rule: 'no_id', severity: 'reject' },
    },
    year: { type: 'integer', about: 'year', unit: 'year', from: ['year'] },
    count: {
      ...{ type: 'integer', about: 'visits', unit: 'visits', from: ['count', 'Visits'] },
      domain: { is: { min: 0, max: 100 }, rule: 'too_many', severity: 'reject' },
    },
    trust,
    guest: { type: 'string', about: 'guest', unit: 'text', from: ['guest'], privacy: 'drop' },
  },
  key: ['id', 'year'],
  rules: [],
  measureTable: 'visit_measure',
})

/** The same, and more may come. */
export const looser: Contract = defineContract({
  ...visit,
  columns: {
    ...visit.columns,
    count: {
      ...{ type: 'integer', about: 'visits', unit: 'visits', from: ['count', 'Visits'] },
      domain: { is: { min: 0, max: 1000 }, rule: 'too_many', severity: 'reject' },
    },
  },
})

const header = 'Place,Visits,Trust,Guest\n'

/** Of these b, d and the one without a name are rejected. */
export const files: readonly SourceFile[] = [
  textFile('one.csv', `${header}a,1,50,Ann\nb,x,60,Bob\nc,3,70,Cid\n`, 1000),
  textFile('two.csv', `${header}d,500,80,Dot\n,4,90,Eve\na,1,50,Ann\n`, 2000),
]

export const nothingAsked = { open: false } as const

export async function shown(effects: StageEffects): Promise<readonly QuarantinedRecord[]> {
  return (await showRejected(nothingAsked, { limit: 1000 }, effects)).records
}

/** Lines of the records shown, with other values. */
export function mendedLines(
  records: readonly QuarantinedRecord[],
  value: (record: QuarantinedRecord) => unknown,
): readonly MendedLine[] {
  return records.map((record, at) => readMendedLine(JSON.stringify({ ...record, value: value(record) }), at + 1))
}

/** All that the lake says of the dataset, without when it was said. */
export async function tellAll(effects: StageEffects): Promise<Record<string, readonly string[]>> {
  const told = await rowsOfEach(['visit', 'visit_measure', 'quarantine', 'displaced', 'ledger'], effects)
  // When a replay was is another in every process.
  const replay = (await rowsOf('replay', effects)).map((row) => row.replace(/"20\d\d-[^"]*Z"/g, '"then"'))
  return { ...told, replay }
}

/** Every record of Bronze is in exactly one place, and the ledger says so. */
export async function checkLaw(contract: Contract, effects: StageEffects): Promise<void> {
  const at = async (root: string): Promise<string[]> => {
    const table = effects.table(root)
    const snapshot = await table.snapshot()
    const paths = await effects.scratch.localPaths((snapshot?.files ?? []).map(({ path }) => `${root}/${path}`))
    await effects.engine.attach({ name: 'law.rows', columns: snapshot?.columns ?? bronzeColumns, files: paths })
    const { rows } = await effects.engine.query('SELECT source, "partition", "offset" FROM law.rows')
    return rows.map((row) => row.join('/'))
  }
  const places: string[] = []
  for (const root of ['silver/visit', 'silver/quarantine', 'silver/displaced']) places.push(...(await at(root)))
  assert.deepEqual(places.sort(), (await at('bronze/visit')).sort(), 'every record is in one place')
  const { visit: counts } = await datasetCounts([contract], effects)
  const { landed, silver, quarantined, duplicates, superseded } = counts ?? assert.fail('there is a ledger')
  assert.equal(landed, silver + quarantined + duplicates + superseded)
  assert.equal((await cleanDataset(contract, effects, { recount: true })).changed, true)
}

/** A message as a consumer lands it, with key and headers. */
export interface Sent {
  readonly offset: number
  readonly atMs: number
  readonly key: string | null
  readonly value: Uint8Array | string | null
  readonly headers?: Readonly<Record<string, string>>
}

export async function landSent(topicId: string, sent: readonly Sent[], effects: StageEffects): Promise<void> {
  const table = effects.table('bronze/visit')
  const columns = [
    ...[{ constant: 'visits' }, { constant: topicId }, { constant: 0 }, sent.map(({ offset }) => offset)],
    sent.map(({ atMs }) => atMs * 1000),
    { constant: 'log_append_time' },
    sent.map(({ key }) => key),
    sent.map(({ value }) => value),
    sent.map(({ headers = {} }) => Object.entries(headers).map(([key, value]) => ({ key, value }))),
    { constant: Date.now() * 1000 },
  ]
  const file = await table.writeFile(writeParquet(bronzeColumns, columns, sent.length))
  await table.commit({
    operation: 'WRITE',
    blindAppend: true,
    stage: (newest) => ({
      ...(newest === undefined ? { columns: bronzeColumns } : {}),
      ...{ add: [file], remove: [], txns: [] },
    }),
  })
}

export const prints = { visit: fingerprint(visit), looser: fingerprint(looser) }

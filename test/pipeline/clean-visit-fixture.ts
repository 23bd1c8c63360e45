import type { Contract } from '#contract'
import { defineContract, say } from '#contract'
import type { SourceFile, StageEffects } from '#pipeline'
import { cleanDataset } from '#pipeline'
import { land, ours, rowsOfEach, textFile, trust, withBench } from './clean-fixture.ts'

/** Small, with everything that a record can meet: two measures, markers, a rule that rejects, one that warns, a person's name. */
export const visit: Contract = defineContract({
  name: 'visit',
  title: 'Visits',
  about: 'Who came.',
  grain: 'one place',
  ...ours,
  files: ['*.csv'],
  encodings: ['utf-8'],
  missing: ['N/A', '-9'],
  withheld: ['^N<[0-9]+$'],
  layouts: [{ name: 'plain', about: 'plain', format: 'csv', requires: ['id', 'count'], constants: { year: 2019 } }],
  columns: {
    id: { type: 'string', about: 'id', unit: 'code', from: ['id'], required: { rule: 'no_id', severity: 'reject' } },
    year: { type: 'integer', about: 'year', unit: 'year' },
    count: {
      type: 'integer',
      about: 'visits',
      unit: 'visits',
      from: ['count'],
      domain: { is: { min: 0 }, rule: 'negative', severity: 'reject' },
    },
    share: {
      type: 'double',
      about: 'share',
      unit: 'fraction 0–1',
      from: ['share'],
      value: say.divide(say.number(say.source('share')), 100),
      domain: { is: { max: 1 }, rule: 'large', severity: 'warn' },
      measure: { respondent: 'school', construct: 'Share', scale: 'rate' },
    },
    trust,
    guest: { type: 'string', about: 'guest', unit: 'text', from: ['guest'], privacy: 'drop' },
  },
  key: ['id', 'year'],
  rules: [],
  measureTable: 'visit_measure',
})

export const header = 'id,count,share,trust,guest\n'
const tables = ['visit', 'visit_measure', 'quarantine', 'displaced', 'ledger'] as const

/** Keys that meet again in the same file, in others, with the same values and with others, older and newer. */
export const files: readonly SourceFile[] = [
  textFile('one.csv', `${header}a,1,50,80,Ann\nb,2,60,N/A,Bob\nb,2,60,N/A,Bo\nc,x,1,1,Cid\n,1,1,1,Dot\n`, 1000),
  textFile('two.csv', `${header}a,1,50,80,Zoe\nb,3,60,70,Bob\nd,-9,N<5,120,Eve\ne,4,150,,Fay\n`, 3000),
  textFile('three.csv', `${header}a,2,50,80,Ann\nb,2,60,N/A,Bob\nf,1,1,1,Gus\nf,1,1,2,Gus\nf,1,1,1,Gus\n`, 2000),
]

/** All that the lake says of the dataset, without when it was said. */
export const tellAll = (effects: StageEffects) => rowsOfEach(tables, effects)

/** What one landing and one cleaning make of the files. */
export async function quiet(batches: readonly (readonly SourceFile[])[], contract = visit) {
  let told: Record<string, readonly string[]> = {}
  await withBench(async (at) => {
    const worker = await at.worker()
    for (const batch of batches) {
      await land(batch, [contract], worker)
      await cleanDataset(contract, worker)
    }
    told = await tellAll(worker)
  })
  return told
}

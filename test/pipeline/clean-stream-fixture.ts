import type { Contract } from '#contract'
import { defineContract } from '#contract'
import type { StageEffects } from '#pipeline'
import type { Message } from './clean-fixture.ts'
import { ours, rowsOfEach, trust } from './clean-fixture.ts'

/** Comes by a topic and by files; its key is of two columns, one of which may be null. */
export const reading: Contract = defineContract({
  name: 'reading',
  title: 'Readings',
  about: 'What was read.',
  grain: 'one reading',
  ...ours,
  stream: { topic: 'readings', partitions: 3 },
  files: ['*.csv'],
  encodings: ['utf-8'],
  missing: [],
  layouts: [
    { name: 'sheet', about: 'sheet', format: 'csv', requires: ['Reading', 'Total'] },
    { name: 'message', about: 'message', format: 'message', requires: ['id'] },
  ],
  columns: {
    id: {
      type: 'string',
      about: 'id',
      unit: 'id',
      from: ['id', 'Reading'],
      required: { rule: 'no_id', severity: 'reject' },
    },
    part: { type: 'string', about: 'part', unit: 'text', from: ['part'] },
    count: {
      type: 'integer',
      about: 'count',
      unit: 'things',
      from: ['count', 'Total'],
      domain: { is: { max: 100 }, rule: 'large', severity: 'warn' },
    },
  },
  key: ['id', 'part'],
  rules: [],
})

/** The same, with a measure that does not stand in Silver: what a row was made of is known to Bronze alone. */
export const measured: Contract = defineContract({
  ...reading,
  columns: {
    ...reading.columns,
    trust,
  },
  measureTable: 'reading_measure',
})

export const topic = { topic: 'readings', id: '0197a000-0000-7000-8000-00000000000a' }

export function tellAll(contract: Contract, effects: StageEffects): Promise<Record<string, readonly string[]>> {
  const tables = [contract.name, contract.measureTable ?? [], 'quarantine', 'displaced', 'ledger']
  return rowsOfEach(tables.flat(), effects)
}

export const message = (offset: number, atMs: number, id: string, count: unknown, more = {}): Message => ({
  ...{ partition: 0, offset, atMs },
  value: JSON.stringify({ id, count, trust: count, ...more }),
})

/** `back`: the values that stood first come again last, so that a record returns from the displaced. */
export const before = [
  ...[message(0, 1, 'a', 1), message(1, 2, 'back', 1), message(2, 3, 'back', 2), message(3, 4, 'new', 1)],
  ...[message(4, 5, '', 1), message(5, 6, 'late', 1), message(6, 7, 'late', 1)],
]
export const batch = [
  ...[message(7, 8, 'a', 1), message(8, 9, 'back', 1), message(9, 9, 'new', 101), message(10, 9, 'b', 'x')],
  ...[message(11, 0, 'late', 1), message(12, 10, 'c', 3), { partition: 1, offset: 0, atMs: 10, value: null }],
]

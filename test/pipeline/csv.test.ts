import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CsvError, parse } from 'csv-parse/sync'
import { Fault } from '#port'
import type { CsvRecord } from '../../src/pipeline/land/csv-text.ts'
import { csvReader } from '../../src/pipeline/land/csv-text.ts'
import { diceFor } from '../../src/season/random.ts'

interface Read {
  readonly records: readonly CsvRecord[]
  /** Records before the place where the text breaks. */
  readonly brokenAfter: number | undefined
}

/** The text given in pieces of `size` characters. */
function ours(text: string, size: number): Read {
  const records: CsvRecord[] = []
  const reader = csvReader()
  try {
    for (let at = 0; at < text.length; at += size) {
      for (const record of reader.read(text.slice(at, at + size), false)) records.push(record)
    }
    for (const record of reader.read('', true)) records.push(record)
    return { records, brokenAfter: undefined }
  } catch (error) {
    assert.ok(error instanceof Fault)
    assert.equal(error.code, 'land/csv')
    return { records, brokenAfter: Number(error.facts.records) }
  }
}

function another(text: string): Read {
  const records: CsvRecord[] = []
  try {
    parse(text, {
      relax_column_count: true,
      skip_empty_lines: true,
      record_delimiter: ['\r\n', '\n', '\r'],
      onRecord: (record: string[]) => void records.push(record),
    })
    return { records, brokenAfter: undefined }
  } catch (error) {
    assert.ok(error instanceof CsvError)
    return { records, brokenAfter: Number(error.records) }
  }
}

test('any text is read as csv-parse reads it, and breaks where it breaks, however it is cut', () => {
  const dice = diceFor(1, 'csv')
  const pieces = ['a', 'b', ' ', 'é', '\ufeff', ',', ',', '"', '"', '""', '"x"', ',"', '\n', '\r', '\r\n'] as const
  let broken = 0
  for (let round = 0; round < 5_000; round += 1) {
    const text = Array.from({ length: dice.whole(0, 14) }, () => dice.pick(pieces)).join('')
    const expected = another(text)
    if (expected.brokenAfter !== undefined) broken += 1
    for (const size of [1, 2, 100]) assert.deepEqual(ours(text, size), expected, JSON.stringify(text))
  }
  assert.ok(broken > 500 && broken < 4_500, `${broken} broken`)
})

test('a text that breaks says after which record and on which line', () => {
  const reading = (text: string) => [...csvReader().read(text, true)]
  const lines = 'Name,Legs\n\n"ant\r\nred",6\n'
  for (const [text, why] of [
    [`${lines}"bee,6\n`, /after record 2: a quote is never closed.*line 5/],
    [`${lines}"bee"s,6\n`, /after record 2: text follows a closing quote.*line 5/],
    [`${lines}bee "b",6\n`, /after record 2: a quote stands in a cell.*line 5/],
  ] as const) {
    assert.throws(() => reading(text), why)
  }
})

test('a quote that never closes is given up before it fills the memory', () => {
  const reader = csvReader()
  const megabyte = 'x'.repeat(1024 * 1024)
  const feed = (text: string) => [...reader.read(text, false)]
  feed('"')
  for (let read = 0; read < 3; read += 1) feed(megabyte)
  assert.throws(() => feed(megabyte), /longer than 4194304 characters/)
})

import { setImmediate } from 'node:timers/promises'
import { Fault } from '#port'
import type { CsvRecord } from './csv-text.ts'
import { csvReader } from './csv-text.ts'

const sliceBytes = 128 * 1024

/**
 * Records of CSV text in UTF-8, some at a time. A slice bounds what stands in memory; between two, other work gets its turn.
 * Faults: `land/csv`.
 */
export async function* csvRecords(utf8: AsyncIterable<Uint8Array>): AsyncIterable<Iterable<CsvRecord>> {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  const reader = csvReader()
  for await (const chunk of utf8) {
    for (let from = 0; from < chunk.length; from += sliceBytes) {
      await setImmediate()
      yield reader.read(decoder.decode(chunk.subarray(from, from + sliceBytes), { stream: true }), false)
    }
  }
  yield reader.read(decoder.decode(), true)
}

/** Up to `count` records from the start of a file, of which `text` is the first part; fewer, with the fault, where the text breaks before that. */
export function csvHead(
  text: string,
  count: number,
): { readonly records: readonly CsvRecord[]; readonly fault: Fault | undefined } {
  const records: CsvRecord[] = []
  try {
    for (const record of csvReader().read(text, true)) if (records.push(record) >= count) break
    return { records, fault: undefined }
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    return { records, fault: error }
  }
}

/**
 * Makes a record's JSON text: key → cell as read. A record that is too short lacks the last keys;
 * cells beyond the headers stand under `(extra 1)`, `(extra 2)`…
 */
export function recordWriter(keys: readonly string[]): (record: CsvRecord) => string {
  const starts = keys.map((key, at) => `${at === 0 ? '{' : ','}${JSON.stringify(key)}:`)
  return (record) => {
    // Asked once for all cells, for most records have nothing to escape.
    const write = needsEscape.test(record.join('')) ? JSON.stringify : quoted
    // Joined at once: a text that grows piece by piece stays a chain of its pieces for as long as it is held.
    const pieces = record.length === 0 ? ['{'] : []
    for (let at = 0; at < record.length; at += 1) {
      pieces.push(starts[at] ?? extra(starts, at, keys.length), write(record[at] ?? ''))
    }
    pieces.push('}')
    return pieces.join('')
  }
}

function extra(starts: string[], at: number, headers: number): string {
  const start = `${at === 0 ? '{' : ','}"(extra ${at - headers + 1})":`
  starts[at] = start
  return start
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are exactly what JSON wants escaped (RFC 8259 §7).
const needsEscape = /["\\\u0000-\u001f\ud800-\udfff]/

const quoted = (cell: string): string => `"${cell}"`

import { Readable } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import type { Options } from 'csv-parse'
import { CsvError, parse } from 'csv-parse'
import { parse as parseNow } from 'csv-parse/sync'
import { Fault } from '#port'

/** RFC 4180, plus what publishers do: any line end, rows of any width, blank lines. A quote that never closes stops at this size. */
const options: Options = {
  relax_column_count: true,
  skip_empty_lines: true,
  record_delimiter: ['\r\n', '\n', '\r'],
  max_record_size: 4 * 1024 * 1024,
}

const sliceBytes = 128 * 1024

/** Records of CSV text in UTF-8, cells as read. Faults: `land/csv`. */
export async function* csvRecords(utf8: AsyncIterable<Uint8Array>): AsyncIterable<string[]> {
  const input = Readable.from(slices(utf8))
  const parser = parse(options)
  input.on('error', (error) => parser.destroy(error))
  try {
    yield* input.pipe(parser)
  } catch (error) {
    throw error instanceof CsvError ? csvFault(error) : error
  } finally {
    input.destroy()
    parser.destroy()
  }
}

/** Up to `count` records from the start of a file, of which `text` is the first part; fewer, with the fault, where the text breaks before that. */
export function csvHead(
  text: string,
  count: number,
): { readonly records: readonly (readonly string[])[]; readonly fault: Fault | undefined } {
  const records: string[][] = []
  try {
    parseNow(text, { ...options, to: count, onRecord: (record: string[]) => void records.push(record) })
    return { records, fault: undefined }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    return { records, fault: csvFault(error) }
  }
}

/** The parser gives all records of a slice before it takes the next, so the slice bounds what stands in memory; between two, other work gets its turn. */
async function* slices(chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  for await (const chunk of chunks) {
    for (let from = 0; from < chunk.length; from += sliceBytes) {
      await setImmediate()
      yield chunk.subarray(from, from + sliceBytes)
    }
  }
}

function csvFault(cause: CsvError): Fault {
  const line = typeof cause.lines === 'number' ? cause.lines : null
  const records = typeof cause.records === 'number' ? cause.records : null
  const mend = 'Close the quote there, or fetch the file again, and run again.'
  return new Fault('land/csv', `The CSV cannot be read after record ${records}: ${cause.message}.`, {
    mend,
    facts: { line, records },
    cause,
  })
}

/**
 * Makes a record's JSON text: key → cell as read. A record that is too short lacks the last keys;
 * cells beyond the headers stand under `(extra 1)`, `(extra 2)`…
 */
export function recordWriter(keys: readonly string[]): (record: readonly string[]) => string {
  const starts = keys.map((key, at) => `${at === 0 ? '{' : ','}${JSON.stringify(key)}:`)
  return (record) => {
    const parts: string[] = record.length === 0 ? ['{'] : []
    for (let at = 0; at < record.length; at += 1) {
      parts.push(starts[at] ?? extra(starts, at, keys.length), quoted(record[at] ?? ''))
    }
    parts.push('}')
    return parts.join('')
  }
}

function extra(starts: string[], at: number, headers: number): string {
  const start = `${at === 0 ? '{' : ','}"(extra ${at - headers + 1})":`
  starts[at] = start
  return start
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are exactly what JSON wants escaped (RFC 8259 §7).
const needsEscape = /["\\\u0000-\u001f\ud800-\udfff]/

function quoted(cell: string): string {
  return needsEscape.test(cell) ? JSON.stringify(cell) : `"${cell}"`
}

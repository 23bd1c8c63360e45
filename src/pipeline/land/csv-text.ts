import { Fault } from '#port'

/** Cells as read, quotes undone. */
export type CsvRecord = readonly string[]

export interface CsvReader {
  /** Records that are whole once `text` has followed what was given before. `last`: nothing follows. Faults: `land/csv`. */
  read(text: string, last: boolean): Iterable<CsvRecord>
}

/** A quote that never closes stops at this size, in characters. */
const longestRecord = 4 * 1024 * 1024

const [quote, comma, lineFeed, carriageReturn] = [0x22, 0x2c, 0x0a, 0x0d]

/** RFC 4180, plus what publishers do: any line end, rows of any width, blank lines. */
export function csvReader(): CsvReader {
  /** The start of a record whose end is still to come. */
  let rest = ''
  let records = 0
  let line = 1

  return {
    *read(more, last) {
      const text = rest + more
      let at = 0
      while (at < text.length) {
        const code = text.charCodeAt(at)
        if (code === lineFeed || code === carriageReturn) {
          const next = afterLineEnd(text, at, last)
          if (next === undefined) break
          line += 1
          at = next
          continue
        }
        const found = recordAt(text, at, last)
        if ('wrong' in found) throw fault(found.wrong)
        if ('open' in found ? text.length - at > longestRecord : found.end - at > longestRecord) {
          throw fault(`the record is longer than ${longestRecord} characters`)
        }
        if ('open' in found) break
        records += 1
        line += found.lines
        at = found.end
        yield found.cells
      }
      rest = text.slice(at)
    },
  }

  function fault(why: string): Fault {
    return new Fault(
      'land/csv',
      `The CSV cannot be read after record ${records}: ${why}, in the record at line ${line}.`,
      {
        mend: 'Close the quote there, or fetch the file again, and run again.',
        facts: { line, records },
      },
    )
  }
}

type Found =
  /** `end`: where the next record starts. `lines`: how many this one takes. */
  | { readonly cells: CsvRecord; readonly end: number; readonly lines: number }
  /** More text is needed. */
  | { readonly open: true }
  | { readonly wrong: string }

function recordAt(text: string, start: number, last: boolean): Found {
  return plainRecordAt(text, start) ?? quotedRecordAt(text, start, last)
}

/** Most records have no quote: one that also ends in a line feed is cut at its commas. Undefined where that is not so. */
function plainRecordAt(text: string, start: number): Found | undefined {
  const lineEnd = text.indexOf('\n', start)
  if (lineEnd < 0) return undefined
  const cellsEnd = text.charCodeAt(lineEnd - 1) === carriageReturn ? lineEnd - 1 : lineEnd
  const cells = text.slice(start, cellsEnd)
  return cells.includes('"') || cells.includes('\r')
    ? undefined
    : { cells: cells.split(','), end: lineEnd + 1, lines: 1 }
}

function quotedRecordAt(text: string, start: number, last: boolean): Found {
  const open = { open: true } as const
  const cells: string[] = []
  let lines = 1
  for (let at = start; ; at += 1) {
    let end = at
    if (text.charCodeAt(at) === quote) {
      const close = closingQuote(text, at)
      if (close === undefined) return last ? { wrong: 'a quote is never closed' } : open
      end = close + 1
      const cell = text.slice(at + 1, close)
      cells.push(cell.includes('"') ? cell.replaceAll('""', '"') : cell)
      lines += cell.match(/\r\n|\n|\r/g)?.length ?? 0
    } else {
      end = plainEnd(text, at)
      if (text.charCodeAt(end) === quote) return { wrong: 'a quote stands in a cell that does not start with one' }
      cells.push(text.slice(at, end))
    }
    if (end === text.length) return last ? { cells, end, lines } : open
    const code = text.charCodeAt(end)
    if (code === lineFeed || code === carriageReturn) {
      const next = afterLineEnd(text, end, last)
      return next === undefined ? open : { cells, end: next, lines }
    }
    if (code !== comma) return { wrong: 'text follows a closing quote' }
    at = end
  }
}

/** Where the quote closes that opens at `at`; undefined where it does not. Two quotes inside stand for one. */
function closingQuote(text: string, at: number): number | undefined {
  let close = text.indexOf('"', at + 1)
  while (close >= 0 && text.charCodeAt(close + 1) === quote) close = text.indexOf('"', close + 2)
  return close < 0 ? undefined : close
}

/** Where a cell without quotes ends. */
function plainEnd(text: string, from: number): number {
  let at = from
  for (; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code === comma || code === lineFeed || code === carriageReturn || code === quote) break
  }
  return at
}

/** Undefined where the second half of a line end may still come. */
function afterLineEnd(text: string, at: number, last: boolean): number | undefined {
  if (text.charCodeAt(at) === lineFeed) return at + 1
  if (at + 1 === text.length && !last) return undefined
  return text.charCodeAt(at + 1) === lineFeed ? at + 2 : at + 1
}

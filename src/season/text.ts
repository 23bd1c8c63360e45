/** One CSV record, quoted where it must be. */
export function csvLine(cells: readonly (string | number)[], end: '\n' | '\r\n'): string {
  return cells.map((cell) => quoted(String(cell))).join(',') + end
}

function quoted(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell
}

export const byteOrderMark = '\ufeff'

/** Text in larger pieces, as UTF-8. */
export function* utf8Chunks(lines: Iterable<string>): Iterable<Uint8Array> {
  const encoder = new TextEncoder()
  let text = ''
  for (const line of lines) {
    text += line
    if (text.length < 256 * 1024) continue
    yield encoder.encode(text)
    text = ''
  }
  if (text !== '') yield encoder.encode(text)
}

/** As publishers' programs write a fraction: `48` is `48.0`. */
export function withPoint(value: number): string {
  return Number.isInteger(value) ? `${value}.0` : String(value)
}

export function rounded(value: number, digits: number): number {
  const scale = 10 ** digits
  return Math.round(value * scale) / scale
}

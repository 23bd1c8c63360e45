import { stripVTControlCharacters } from 'node:util'

interface TextTable {
  readonly columns: readonly { readonly name: string }[]
  readonly rows: readonly (readonly unknown[])[]
}

const gap = '  '
const narrowest = 6
/** One long cell must not push the others out of sight; --json has it whole. */
const widestCell = 80

/** Lines of a table with aligned columns, numbers to the right. Long cells end in `…`; with a width, columns are narrowed until the lines fit. */
export function* alignedTable({ columns, rows }: TextTable, width: number | undefined): Iterable<string> {
  const cells = rows.map((row) => row.map(cellText))
  const header = columns.map(({ name }) => cellText(name))
  const right = columns.map((_, index) => rows.length > 0 && rows.every((row) => isNumberOrNull(row[index])))
  const widths = header.map((name, index) =>
    Math.min(
      widestCell,
      cells.reduce((widest, row) => Math.max(widest, lengthOf(row[index] ?? '')), lengthOf(name)),
    ),
  )
  if (width !== undefined) narrow(widths, width)
  const line = (row: readonly string[]) =>
    `${widths
      .map((columnWidth, index) => {
        const text = clipped(row[index] ?? '', columnWidth)
        const padding = ' '.repeat(Math.max(0, columnWidth - lengthOf(text)))
        return right[index] ? padding + text : text + padding
      })
      .join(gap)
      .trimEnd()}\n`
  yield line(header)
  yield `${widths.map((columnWidth) => '─'.repeat(columnWidth)).join(gap)}\n`
  for (const row of cells) yield line(row)
}

/** Takes from the widest column until all fit; columns of `narrowest` are left as they are. */
function narrow(widths: number[], width: number): void {
  let excess = widths.reduce((sum, each) => sum + each, gap.length * (widths.length - 1)) - width
  while (excess > 0) {
    const widest = widths.indexOf(Math.max(...widths))
    const current = widths[widest] ?? 0
    if (current <= narrowest) return
    widths[widest] = current - 1
    excess -= 1
  }
}

function cellText(value: unknown): string {
  if (value === null || value === undefined) return ''
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value)
  // What came from a file may hold anything; a terminal must not obey it or turn it around, and a row stays one line.
  return stripVTControlCharacters(text).replace(/[\p{Cc}\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu, ' ')
}

function lengthOf(text: string): number {
  return [...text].length
}

function clipped(text: string, width: number): string {
  return lengthOf(text) <= width ? text : `${[...text].slice(0, Math.max(0, width - 1)).join('')}…`
}

function isNumberOrNull(value: unknown): boolean {
  return value === null || value === undefined || typeof value === 'number'
}

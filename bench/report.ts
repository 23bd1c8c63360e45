import type { Figure, Kept, Row } from './result.ts'
import type { Spread } from './spread.ts'
import { spreadOf } from './spread.ts'

/** What stands over a figure's column, and after each value. */
const figures: Readonly<Record<string, readonly [head: string, unit?: string]>> = {
  recordsPerS: ['records a second'],
  cpuSPerMillion: ['CPU seconds a million'],
  rssMb: ['most memory', ' MB'],
  rssByQuarterMb: ['in each quarter of the time', ' MB'],
  tableMb: ['on disk', ' MB'],
  wallS: ['wall seconds'],
  cpuS: ['CPU seconds'],
  toFloor: ['to the floor, by pair'],
  n: ['n'],
  p50Ms: ['p50', ' ms'],
  p95Ms: ['p95', ' ms'],
  p99Ms: ['p99', ' ms'],
  mostMs: ['most', ' ms'],
  gapMs: ['between commits', ' ms'],
  cpuOfACore: ['CPU, of one core'],
  cpuMicrosARecord: ['CPU a report', ' µs'],
  residentMb: ['resident', ' MB'],
  firstMs: ['first 1,000', ' ms'],
  lastMs: ['last 1,000', ' ms'],
  ratio: ['ratio'],
  appendsPerS: ['appended a second'],
  readsPerS: ['read a second'],
}

/** `benchmarks.md` from its template: `{{name}}` stands for the table of a result, and how it was measured. */
export function report(template: string, kept: ReadonlyMap<string, Kept>): string {
  return template.replaceAll(/^\{\{([\w-]+)\}\}$/gm, (_, name: string) => {
    const result = kept.get(name)
    return result === undefined ? 'Not measured yet.' : section(result)
  })
}

function section({ rows, on, command, machine, versions, settings }: Kept): string {
  const keys = [...new Set(rows.flatMap((row) => Object.keys(row.figures)))]
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  const table = [
    line(['', ...keys.map((key) => figures[key]?.[0] ?? key)]),
    `|${'---|'.repeat(keys.length + 1)}`,
    ...rows.map((row) => line([row.name, ...keys.map((key) => cell(row, key))])),
  ]
  const how = [`${on}, \`${command}\`, on ${machine}`, listed(versions), listed(settings)]
  return `${table.join('\n')}\n\nMeasured ${how.filter((each) => each !== '').join('. ')}.`
}

function listed(entries: Readonly<Record<string, string | number>>): string {
  return Object.entries(entries)
    .map(([name, value]) => `${words(name)} ${typeof value === 'number' ? shown(value) : value}`)
    .join(', ')
}

/** `bytesARecord` as one says it. */
function words(name: string): string {
  return /^[a-z]+[A-Z]/.test(name) ? name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`) : name
}

function cell({ figures: of }: Row, key: string): string {
  const unit = figures[key]?.[1] ?? ''
  const value: Figure | undefined = of[key]
  if (value === undefined) return ''
  if (value === null) return 'not taken'
  if (typeof value === 'string') return value
  if (typeof value === 'number') return `${shown(value)}${unit}`
  if (key === 'rssByQuarterMb' && isList(value)) return `${value.map(shown).join(', ')}${unit}`
  const { median, least, most } = isList(value) ? spreadOf(value) : value
  return least === most ? `${shown(median)}${unit}` : `${shown(median)}${unit} (${shown(least)}…${shown(most)})`
}

function isList(value: readonly number[] | Spread): value is readonly number[] {
  return Array.isArray(value)
}

/** As many digits as were measured. */
function shown(value: number): string {
  if (Number.isNaN(value)) return 'not taken'
  if (Number.isInteger(value) && value < 10_000) return String(value)
  if (value >= 10_000) return Math.round(value).toLocaleString('en')
  return value.toLocaleString('en', { maximumFractionDigits: value < 10 ? 2 : value < 100 ? 1 : 0 })
}

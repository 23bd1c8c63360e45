import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { openTable, readRows } from '#lake'
import type { Value } from '#parquet'
import { openParquet } from '#parquet'
import { Fault } from '#port'
import { localStore } from '#storage'
import { quietEffects } from './effects.ts'

export interface GoldenTable {
  readonly name: string
  /** Absolute folder of the Delta table. */
  readonly table: string
  /** Absolute folder of what it holds, as plain Parquet; undefined where the collection has none. */
  readonly expected: string | undefined
}

export type GoldenResult =
  | { readonly outcome: 'right'; readonly rows: number; readonly compared: boolean }
  | { readonly outcome: 'refused'; readonly fault: Fault }
  | { readonly outcome: 'wrong'; readonly why: string }

/** The collection beside the checkout, or where FAIRLEAD_SHARED says; undefined where there is none. */
export function goldenFolder(): string | undefined {
  const shared = process.env.FAIRLEAD_SHARED ?? join(import.meta.dirname, '../../../shared')
  const folder = join(shared, 'golden-delta')
  return existsSync(folder) ? folder : undefined
}

/** Every folder with a `_delta_log`; a case of the collection may hold several. */
export function goldenTables(folder: string): readonly GoldenTable[] {
  const tables: GoldenTable[] = []
  for (const name of readdirSync(folder).sort()) {
    const delta = join(folder, name, 'delta')
    if (!existsSync(delta)) continue
    const expected = join(folder, name, 'expected')
    if (existsSync(join(delta, '_delta_log'))) {
      tables.push({ name, table: delta, expected: existsSync(expected) ? expected : undefined })
    }
    for (const inner of readdirSync(delta).sort()) {
      if (inner !== '_delta_log' && existsSync(join(delta, inner, '_delta_log'))) {
        tables.push({ name: `${name}/${inner}`, table: join(delta, inner), expected: undefined })
      }
    }
  }
  return tables
}

/** Reads a golden table as we would any, and holds it against what it should be. */
export async function tryGolden({ table, expected }: GoldenTable): Promise<GoldenResult> {
  const store = localStore(join(table, '..'))
  const root = table.split('/').at(-1) ?? ''
  try {
    const snapshot = await openTable(store, root, quietEffects()).snapshot()
    if (!snapshot) return { outcome: 'wrong', why: 'no table found' }
    const found: string[] = []
    for await (const rows of readRows(store, root, snapshot)) found.push(...rows.map(rowText))
    if (!expected) return { outcome: 'right', rows: found.length, compared: false }
    const wanted = await expectedRows(expected)
    if (digest(found) === digest(wanted)) return { outcome: 'right', rows: found.length, compared: true }
    return { outcome: 'wrong', why: difference(found, wanted) }
  } catch (error) {
    if (error instanceof Fault) return { outcome: 'refused', fault: error }
    throw error
  }
}

async function expectedRows(folder: string): Promise<string[]> {
  const rows: string[] = []
  for (const name of readdirSync(folder, { recursive: true }).map(String).sort()) {
    const path = join(folder, name)
    if (!name.endsWith('.parquet') || name.split('/').at(-1)?.startsWith('.') || !statSync(path).isFile()) continue
    const file = await openParquet(new Uint8Array(readFileSync(path)), path)
    rows.push(...(await file.read()).map(rowText))
  }
  return rows
}

function difference(found: readonly string[], wanted: readonly string[]): string {
  const missing = wanted.filter((row) => !found.includes(row))
  const extra = found.filter((row) => !wanted.includes(row))
  return `${found.length} rows for ${wanted.length}; missing ${missing[0] ?? 'none'}; extra ${extra[0] ?? 'none'}`
}

function digest(rows: readonly string[]): string {
  const hash = createHash('sha256')
  for (const row of [...rows].sort()) hash.update(row).update('\n')
  return hash.digest('hex')
}

/** A row as text: names sorted, so that the order of columns does not matter; a NaN and a bigint are themselves. */
export function rowText(value: Value): string {
  if (value instanceof Uint8Array) return `x'${Buffer.from(value).toString('hex')}'`
  if (Array.isArray(value)) return `[${value.map(rowText).join(',')}]`
  if (value !== null && typeof value === 'object') {
    const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
    return `{${members.map(([key, item]) => `${key}:${rowText(item)}`).join(',')}}`
  }
  return typeof value === 'string' ? JSON.stringify(value) : String(value)
}

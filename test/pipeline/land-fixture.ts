import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Contract } from '#contract'
import { openTable, readRows } from '#lake'
import type { Value } from '#parquet'
import type { LandEffects, SourceFile } from '#pipeline'
import type { ObjectStore, PlatformEvent } from '#port'
import { noFailpoint } from '#port'
import { memoryStore } from '#storage'
import { quietEffects } from '../lake/effects.ts'

export const modifiedMs = Date.UTC(2020, 0, 2)

/** A dataset of animals in every shape that landing knows. */
export const animals: Contract = {
  name: 'animal',
  title: 'Animals',
  about: 'Made up',
  grain: 'one animal',
  publisher: 'A test',
  licence: 'none',
  attribution: 'none',
  url: 'https://example.org',
  files: ['animals*.*'],
  encodings: ['utf-8', 'windows-1252', 'macintosh'],
  missing: [],
  layouts: [
    { name: 'plain', about: '', format: 'csv', requires: ['Name', 'Legs'], forbids: ['Wing'] },
    {
      name: 'blocks',
      about: '',
      format: 'csv',
      requires: ['Name', 'Wing'],
      headerRows: 2,
      blocks: [
        { title: 'Left', prefix: 'L' },
        { title: 'Right', prefix: 'R' },
      ],
    },
    { name: 'portal', about: '', format: 'socrata', requires: ['Name', 'Legs'] },
    { name: 'places', about: '', format: 'geojson', requires: ['Name', 'geometry'] },
    { name: 'arcs', about: '', format: 'topojson', requires: ['Name'] },
  ],
  columns: {},
  key: ['name'],
  rules: [],
}

/** Another dataset that only takes UTF-8. */
export const minerals: Contract = {
  ...animals,
  name: 'mineral',
  files: ['minerals*.csv'],
  encodings: ['utf-8'],
  layouts: [{ name: 'only', about: '', format: 'csv', requires: ['Mineral', 'Hardness'] }],
}

export const contracts = [animals, minerals]

export function fileOf(name: string, content: string | Uint8Array, over: Partial<SourceFile> = {}): SourceFile {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content
  return {
    name,
    sizeBytes: bytes.length,
    modifiedMs,
    // In small pieces, as a slow disk may give them.
    async *open() {
      for (let from = 0; from < bytes.length; from += 1024) yield bytes.subarray(from, from + 1024)
    },
    ...over,
  }
}

export interface LandBench {
  readonly store: ObjectStore
  readonly effects: LandEffects
  readonly events: PlatformEvent[]
}

/** A lander; several on one store are several processes. */
export function lander(store: ObjectStore = memoryStore(), over: Partial<LandEffects> = {}): LandBench {
  const events: PlatformEvent[] = []
  const failpoint = over.failpoint ?? noFailpoint
  const tableEffects = quietEffects({ failpoint })
  const effects: LandEffects = {
    store,
    table: (root) => openTable(store, root, tableEffects),
    nowMs: Date.now,
    report: (event) => events.push(event),
    failpoint,
    signal: new AbortController().signal,
    ...over,
  }
  return { store, effects, events }
}

type RowValues = Readonly<Record<string, Value>>

export async function rowsOf(store: ObjectStore, root: string): Promise<readonly RowValues[]> {
  const snapshot = await openTable(store, root, quietEffects()).snapshot()
  if (snapshot === undefined) return []
  const rows: RowValues[] = []
  for await (const batch of readRows(store, root, snapshot)) rows.push(...batch)
  return rows
}

export function textOf(value: Value | undefined): string | null {
  return value instanceof Uint8Array ? new TextDecoder().decode(value) : null
}

/** The JSON objects in Bronze, in order of source and offset. */
export async function valuesOf(store: ObjectStore, dataset: string): Promise<readonly unknown[]> {
  const rows = [...(await rowsOf(store, `bronze/${dataset}`))]
  rows.sort((a, b) => String(a.source).localeCompare(String(b.source)) || Number(a.offset) - Number(b.offset))
  return rows.map(({ value }) => JSON.parse(textOf(value) ?? 'null'))
}

/** All that a lake says, but for when; what two lakes that hold the same have in common. */
export async function essence(store: ObjectStore): Promise<readonly string[]> {
  const lines: string[] = []
  for (const root of ['bronze/file', 'bronze/animal', 'bronze/mineral']) {
    for (const { ingest_ts, fetched_at, ...row } of await rowsOf(store, root)) {
      const text = JSON.stringify(row, (_key, value) =>
        value instanceof Uint8Array
          ? new TextDecoder().decode(value)
          : typeof value === 'bigint'
            ? String(value)
            : value,
      )
      lines.push(`${root} ${text}`)
    }
  }
  return lines.sort()
}

export async function listing(store: ObjectStore): Promise<readonly string[]> {
  const paths: string[] = []
  for await (const { path } of store.list('')) paths.push(path)
  return paths
}

/** Real files beside the checkout, or where FAIRLEAD_SHARED says; undefined where there are none. */
export function realData(): string | undefined {
  const shared = process.env.FAIRLEAD_SHARED ?? join(import.meta.dirname, '../../../shared')
  const folder = join(shared, 'data')
  return existsSync(folder) ? folder : undefined
}

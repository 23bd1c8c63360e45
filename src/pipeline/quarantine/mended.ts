import { createHash } from 'node:crypto'
import { Fault } from '#port'
import type { Origin } from '../clean-marks.ts'
import { replayOf } from '../clean-marks.ts'
import type { Coordinates, Shown, ShownHeader } from './record.ts'
import { bytesOf, readRecordId, recordId } from './record.ts'

/** A record as a person gave it back. What is not said stays as it was. */
export interface MendedLine {
  /** Of the file, from 1. */
  readonly line: number
  readonly at: Coordinates
  readonly value: Shown
  readonly key: Shown | undefined
  readonly headers: readonly ShownHeader[] | undefined
}

export interface Header {
  readonly key: string
  readonly value: Uint8Array | null
}

/** A record in quarantine. */
export interface Original {
  readonly at: Coordinates
  readonly topic: string
  /** µs since 1970. */
  readonly timestamp: number
  readonly timestampType: string
  readonly rule: string
  readonly rejectedBy: string
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  readonly headers: readonly Header[]
  /** The layout of its file; undefined where it came by a topic. */
  readonly layout: string | undefined
}

/** A record that takes the place of a rejected one, as it goes into Bronze. */
export interface Mended {
  readonly line: number
  readonly original: Original
  /** Of what is told apart: the same record mended the same way has the same. */
  readonly hash: string
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  readonly headers: readonly Header[]
}

/** One line of what `quarantine show --ndjson` writes. Fault `quarantine/bad-line`. */
export function readMendedLine(text: string, line: number): MendedLine {
  const parsed = parse(text, line)
  const at = typeof parsed.record === 'string' ? readRecordId(parsed.record) : undefined
  if (at === undefined) throw badLine(line, 'names no record')
  if (!isShown(parsed.value)) throw badLine(line, 'has no value that is an object, a text or null')
  const { key, headers } = parsed
  if (key !== undefined && !isShown(key)) throw badLine(line, 'has a key that is no text')
  if (headers !== undefined && !isHeaders(headers)) throw badLine(line, 'has headers that are no list of key and value')
  return { line, at, value: parsed.value, key, headers }
}

function parse(text: string, line: number): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(text, exactly)
    if (typeof parsed === 'object' && parsed !== null) return { ...parsed }
  } catch {
    throw badLine(line, 'is no JSON')
  }
  throw badLine(line, 'is no JSON object')
}

/** A number that JavaScript would round stays as it is written. */
function exactly(_key: string, value: unknown, context: { readonly source?: string }): unknown {
  const { source } = context
  return typeof value !== 'number' || source === undefined || String(value) === source ? value : JSON.rawJSON(source)
}

function isShown(value: unknown): value is Shown {
  return value === null || typeof value === 'string' || (typeof value === 'object' && !Array.isArray(value))
}

function isHeaders(value: unknown): value is readonly ShownHeader[] {
  return Array.isArray(value) && value.every((each) => typeof each?.key === 'string' && isShown(each.value ?? null))
}

function badLine(line: number, what: string): Fault {
  return new Fault('quarantine/bad-line', `Line ${line} ${what}.`, {
    mend: 'Nothing was replayed. Give the lines that quarantine show --ndjson wrote, with their values mended and all else as it was.',
    facts: { line },
  })
}

/** The record as it is to be landed; undefined where nothing of it was mended. Fault `quarantine/whole-file`. */
export function mend({ line, ...given }: MendedLine, original: Original): Mended | undefined {
  const { at, layout } = original
  const value = bytesOf(given.value)
  const key = given.key === undefined ? original.key : bytesOf(given.key)
  const headers =
    given.headers?.map((header): Header => ({ key: header.key, value: bytesOf(header.value ?? null) })) ??
    original.headers
  const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)
  if (same(coded(key, value, headers), coded(original.key, original.value, original.headers))) return undefined
  if (original.rule === 'unreadable_file')
    throw new Fault('quarantine/whole-file', `Line ${line} stands for a file that cannot be read.`, {
      mend: 'Nothing was replayed. Mend the file itself and land it with fairlead run --from DIR; take the line out here.',
      facts: { line, record: recordId(at) },
    })
  const own = headers.filter((header) => header.key !== replayOf)
  // So it is read as the rows of its file were.
  const laid = layout === undefined || own.some((header) => header.key === 'layout')
  const all = laid ? own : [...own, { key: 'layout', value: Buffer.from(layout, 'utf8') }]
  return { line, original, hash: mendedHash(at, key, value, all), key, value, headers: all }
}

/** Of a record in Bronze and of one that is to go there alike: the header that names its origin is left out. */
export function mendedHash(
  at: Omit<Coordinates, 'dataset'>,
  key: Uint8Array | null,
  value: Uint8Array | null,
  headers: readonly Header[],
): string {
  const own = headers.filter((header) => header.key !== replayOf)
  return sha256(JSON.stringify([at.source, at.partition, at.offset, ...coded(key, value, own)]))
}

function coded(key: Uint8Array | null, value: Uint8Array | null, headers: readonly Header[]): readonly unknown[] {
  const base64 = (bytes: Uint8Array | null) => (bytes === null ? null : Buffer.from(bytes).toString('base64'))
  return [base64(key), base64(value), headers.map((header) => [header.key, base64(header.value)])]
}

/** The header that names what a mended record was made from. */
export function originHeader({ at, topic, rule, rejectedBy }: Original, contract: string): Header {
  const { source, partition, offset } = at
  const origin: Origin = { topic, source, partition, offset, rule, rejectedBy, contract }
  return { key: replayOf, value: Buffer.from(JSON.stringify(origin), 'utf8') }
}

/** Id of a replay: what it brings decides, so that the same brought twice is one. */
export function replayId(dataset: string, hashes: readonly string[]): string {
  return sha256(JSON.stringify([dataset, ...hashes]))
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

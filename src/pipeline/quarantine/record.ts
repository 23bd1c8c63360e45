import type { Cell } from '#port'

/** Where one record stands; as text `dataset/source/partition/offset`. */
export interface Coordinates {
  readonly dataset: string
  readonly source: string
  readonly partition: number
  readonly offset: number
}

/** Bytes as a person reads and mends them: text; a JSON object where the text is one, written without blanks; base64 where they are no UTF-8. */
export type Shown = null | string | { readonly [member: string]: Cell }

export interface ShownHeader {
  readonly key: string
  readonly value: Shown
}

/** A replay that took a record. */
export interface Replayed {
  readonly replay: string
  readonly at: string
  /** Fingerprint of the contract that judged it again. */
  readonly contract: string
  /** The mended record's own id; null where the record was judged again as it is. */
  readonly as: string | null
}

/** A rejected record with all that is known of it. Printed as it is by `quarantine show --json`. */
export interface QuarantinedRecord {
  readonly record: string
  readonly dataset: string
  readonly topic: string
  readonly source: string
  readonly partition: number
  readonly offset: number
  readonly timestamp: string | null
  readonly landedAt: string
  readonly stage: string
  readonly rule: string
  readonly column: string | null
  readonly received: string | null
  readonly message: string | null
  readonly contract: string
  readonly replays: readonly Replayed[]
  readonly key: Shown
  readonly headers: readonly ShownHeader[]
  readonly value: Shown
}

export function recordId({ dataset, source, partition, offset }: Coordinates): string {
  return `${dataset}/${source}/${partition}/${offset}`
}

const idPattern = /^([^/\s]+)\/([^/\s]+)\/(\d{1,9})\/(\d{1,15})$/

export function readRecordId(text: string): Coordinates | undefined {
  const [, dataset, source, partition, offset] = idPattern.exec(text) ?? []
  if (dataset === undefined || source === undefined) return undefined
  return { dataset, source, partition: Number(partition), offset: Number(offset) }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** What `bytesOf` makes the same bytes of. */
export function shownBytes(bytes: Uint8Array | null): Shown {
  if (bytes === null) return null
  let text: string
  try {
    text = utf8.decode(bytes)
  } catch {
    return { base64: Buffer.from(bytes).toString('base64') }
  }
  const parsed = objectOf(text)
  return parsed !== undefined && !isBase64(parsed) && JSON.stringify(parsed) === text ? parsed : text
}

export function bytesOf(shown: Shown): Uint8Array | null {
  if (shown === null) return null
  if (typeof shown === 'string') return Buffer.from(shown, 'utf8')
  if (isBase64(shown)) return Buffer.from(shown.base64, 'base64')
  return Buffer.from(JSON.stringify(shown), 'utf8')
}

function objectOf(text: string): { readonly [member: string]: Cell } | undefined {
  if (!text.startsWith('{')) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined // it is shown as the text that it is
  }
}

function isBase64(value: { readonly [member: string]: Cell }): value is { readonly base64: string } {
  return Object.keys(value).length === 1 && typeof value.base64 === 'string'
}

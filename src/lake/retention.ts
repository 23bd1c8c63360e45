import { unsupported } from './protocol.ts'

type Configuration = Readonly<Record<string, string>>

const dayMs = 24 * 3600 * 1000

const unitMs: Readonly<Record<string, number>> = {
  millisecond: 1,
  second: 1000,
  minute: 60_000,
  hour: 3_600_000,
  day: dayMs,
  week: 7 * dayMs,
}

const part = /(\d+)\s*([a-z]+?)s?(?=\s|$)/gi

/** How long a removed file stays readable (`delta.deletedFileRetentionDuration`, default a week). What cannot be read as an interval keeps for ever. */
export function removedFileRetentionMs(configuration: Configuration): number {
  return intervalMs(configuration['delta.deletedFileRetentionDuration'], 7 * dayMs)
}

/** How long the log goes back (`delta.logRetentionDuration`, default 30 days). */
export function logRetentionMs(configuration: Configuration): number {
  const known = logRetentions.get(configuration)
  if (known !== undefined) return known
  const retentionMs = intervalMs(configuration['delta.logRetentionDuration'], 30 * dayMs)
  logRetentions.set(configuration, retentionMs)
  return retentionMs
}

/** It is asked for at every look at a table, of the same configuration. */
const logRetentions = new WeakMap<Configuration, number>()

/** Commits between checkpoints (`delta.checkpointInterval`, default 10, as Spark has it). */
export function checkpointInterval(configuration: Configuration): number {
  const every = Number(configuration['delta.checkpointInterval'] ?? 10)
  return Number.isSafeInteger(every) && every > 0 ? every : 10
}

const known = new Set([
  'delta.checkpointInterval',
  'delta.logRetentionDuration',
  'delta.deletedFileRetentionDuration',
  'delta.appendOnly',
])

/** Properties that a table may be made with: a property of Delta's that we do not keep would be a promise to other writers. Fault `lake/unsupported`. */
export function checkConfiguration(root: string, configuration: Configuration): void {
  for (const [name, value] of Object.entries(configuration)) {
    const keeps = name.endsWith('Duration')
      ? intervalMs(value, 0) < Number.MAX_SAFE_INTEGER
      : name === 'delta.checkpointInterval'
        ? /^[1-9]\d*$/.test(value)
        : name !== 'delta.appendOnly' || value === 'true' || value === 'false'
    if (!name.startsWith('delta.') || (known.has(name) && keeps)) continue
    throw unsupported(root, `the property ${name} = ${value}`, name, 'written')
  }
}

function intervalMs(text: string | undefined, fallback: number): number {
  if (text === undefined) return fallback
  let ms = 0
  const parts = [...text.replace(/^\s*interval\s+/i, '').matchAll(part)]
  for (const [, count, unit] of parts) {
    const factor = unitMs[(unit ?? '').toLowerCase()]
    if (factor === undefined) return Number.MAX_SAFE_INTEGER
    ms += Number(count) * factor
  }
  return parts.length > 0 ? ms : Number.MAX_SAFE_INTEGER
}

const weekMs = 7 * 24 * 3600 * 1000

const unitMs: Readonly<Record<string, number>> = {
  millisecond: 1,
  second: 1000,
  minute: 60_000,
  hour: 3_600_000,
  day: 24 * 3_600_000,
  week: weekMs,
}

const part = /(\d+)\s*([a-z]+?)s?(?=\s|$)/gi

/** How long a removed file stays readable (`delta.deletedFileRetentionDuration`, default a week). What cannot be read as an interval keeps for ever. */
export function removedFileRetentionMs(configuration: Readonly<Record<string, string>>): number {
  const text = configuration['delta.deletedFileRetentionDuration']
  if (text === undefined) return weekMs
  let ms = 0
  const parts = [...text.replace(/^\s*interval\s+/i, '').matchAll(part)]
  for (const [, count, unit] of parts) {
    const factor = unitMs[(unit ?? '').toLowerCase()]
    if (factor === undefined) return Number.MAX_SAFE_INTEGER
    ms += Number(count) * factor
  }
  return parts.length > 0 ? ms : Number.MAX_SAFE_INTEGER
}

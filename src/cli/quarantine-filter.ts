import type { Options, Spec } from '#config'
import type { QuarantineAsk } from '#platform'
import { Fault } from '#port'

/** Which records of the quarantine a command speaks of. */
export const quarantineFlags = {
  dataset: { kind: 'text', about: 'Only this dataset', optional: true },
  rule: { kind: 'text', about: 'Only records that broke this rule', optional: true },
  since: {
    kind: 'text',
    about: 'Only records landed then or later: 2026-01-31 or 2026-01-31T09:30, in UTC',
    optional: true,
  },
  until: { kind: 'text', about: 'Only records landed before then', optional: true },
  record: { kind: 'text', about: 'Only this one: dataset/source/partition/offset, as show has it', optional: true },
  open: { kind: 'boolean', about: 'Only records whose place no mended one has taken yet', default: false },
} as const satisfies Spec

type FilterFlags = Options<typeof quarantineFlags>

/** Fault `usage/bad-value`. */
export function filterOf({ dataset, rule, since, until, record, open }: FilterFlags): QuarantineAsk {
  return { dataset, rule, record, open, since: instantOf('since', since), until: instantOf('until', until) }
}

export function isFiltered({ open, ...texts }: FilterFlags): boolean {
  return open || Object.values(texts).some((text) => text !== undefined)
}

const instant = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})?)?$/

function instantOf(flag: string, text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  const isZoned = text.length === 10 || /(Z|[+-]\d{2}:\d{2})$/.test(text)
  const at = instant.test(text) ? new Date(isZoned ? text : `${text}Z`) : undefined
  if (at !== undefined && !Number.isNaN(at.getTime())) return at.toISOString()
  throw new Fault('usage/bad-value', `--${flag} ${text} is no instant.`, {
    mend: 'Write a day or an instant in UTC: 2026-01-31, 2026-01-31T09:30 or 2026-01-31T09:30:00Z.',
    facts: { flag },
  })
}

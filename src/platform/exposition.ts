import type { Histogram } from './histogram.ts'

/**
 * One metric in the terms of Prometheus. The library prom-client was weighed: it counts into registries of its own and brings three packages, where all we
 * need is to write counts that we have.
 */
export type Family = {
  /** With its unit, and `_total` where it counts. */
  readonly name: string
  readonly help: string
} & (
  | { readonly type: 'counter' | 'gauge'; readonly samples: readonly Sample<number>[] }
  | { readonly type: 'histogram'; readonly samples: readonly Sample<Histogram>[] }
)

export interface Sample<Value> {
  readonly labels: Readonly<Record<string, string>>
  readonly value: Value
}

export const expositionType = 'text/plain; version=0.0.4; charset=utf-8'

/** Text format 0.0.4. A family without samples is left out. */
export function expositionText(families: readonly Family[]): string {
  return families.map(familyText).join('')
}

function familyText(family: Family): string {
  if (family.samples.length === 0) return ''
  const { name, help, type } = family
  const lines =
    type === 'histogram'
      ? family.samples.flatMap((sample) => histogramLines(name, sample))
      : family.samples.map(({ labels, value }) => line(name, labels, value))
  return `# HELP ${name} ${escaped(help)}\n# TYPE ${name} ${type}\n${lines.join('')}`
}

/** Buckets are cumulative: each holds what the ones below it hold. */
function histogramLines(name: string, { labels, value: { bounds, counts, sum } }: Sample<Histogram>): string[] {
  let below = 0
  const buckets = counts.map((count, at) => {
    below += count
    return line(`${name}_bucket`, { ...labels, le: numberText(bounds[at] ?? Number.POSITIVE_INFINITY) }, below)
  })
  return [...buckets, line(`${name}_sum`, labels, sum), line(`${name}_count`, labels, below)]
}

function line(name: string, labels: Sample<number>['labels'], value: number): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text).replaceAll('"', '\\"')}"`)
  return `${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${numberText(value)}\n`
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
}

function numberText(value: number): string {
  if (Number.isFinite(value) || Number.isNaN(value)) return String(value)
  return value > 0 ? '+Inf' : '-Inf'
}

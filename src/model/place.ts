import { Fault } from '#port'

/** Where something stands in the project: a path relative to the project's folder, and a line from 1. */
export interface Place {
  readonly file: string
  readonly line: number
}

/** A feature of dbt that this runner does not do: refused by name, so that nothing is ever built almost as dbt would. */
export function unsupported(feature: string, at: Place): Fault {
  return new Fault(
    'model/unsupported',
    `${at.file}:${at.line}: ${feature} is not supported by the embedded model runner.`,
    {
      mend: 'Run it with dbt itself, or write it with what the embedded runner supports.',
      facts: { file: at.file, line: at.line, feature },
    },
  )
}

/** The project says something that cannot be: a name nobody has, a value of the wrong kind, a tag left open. */
export function mistaken(what: string, at: Place, mend: string, cause?: unknown): Fault {
  return new Fault('model/project', `${at.file}:${at.line}: ${what}`, {
    mend,
    facts: { file: at.file, line: at.line },
    ...(cause === undefined ? {} : { cause }),
  })
}

/** "Did you mean x?" where one of the names is close, else what there is. */
export function suggest(name: string, known: Iterable<string>, what: string): string {
  const names = [...new Set(known)]
  let best: { name: string; distance: number } | undefined
  for (const candidate of names) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase())
    if (distance <= Math.max(2, Math.floor(name.length / 3)) && (best === undefined || distance < best.distance)) {
      best = { name: candidate, distance }
    }
  }
  if (best !== undefined) return `Did you mean ${best.name}?`
  if (names.length === 0) return `The project has no ${what}.`
  return names.length > 12 ? `Check the name of the ${what}.` : `There is ${names.sort().join(', ')}.`
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i]
    for (let j = 1; j <= b.length; j += 1) {
      const swap = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}

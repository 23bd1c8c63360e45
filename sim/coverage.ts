/** What a seed made happen, by name. */
export type Counts = Readonly<Record<string, number>>

/** What was met and where it was crashed, by site: an await of a fake, by who waits, for what, and whether the deed is done. */
export interface Coverage {
  readonly counts: Counts
  readonly met: Counts
  readonly crashed: Counts
}

export interface Tally {
  add(name: string, times?: number): void
  readonly counts: Counts
}

export function newTally(): Tally {
  const counts = new Map<string, number>()
  return {
    get counts() {
      return Object.fromEntries(counts)
    },
    add(name, times = 1) {
      counts.set(name, (counts.get(name) ?? 0) + times)
    },
  }
}

export function addCounts(into: Record<string, number>, more: Counts): void {
  for (const [name, times] of Object.entries(more)) into[name] = (into[name] ?? 0) + times
}

/** What must have been tried for a seed to count: processes that died, and at least one disturbance that the protocol is for. */
const disturbances = [
  'conflicts',
  'lost answers',
  'late writes',
  'fenced',
  'power cuts',
  'answers from before',
  'weather',
]

export function counts({ counts }: Pick<Coverage, 'counts'>): boolean {
  return (counts.crashes ?? 0) > 0 && disturbances.some((name) => (counts[name] ?? 0) > 0)
}

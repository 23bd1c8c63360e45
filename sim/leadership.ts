/**
 * Who led a partition, and since which offset. The base keeps every record that was ever appended; an unclean election hides the newest of them, and what is appended
 * then takes their offsets, under a new epoch.
 */
export interface Leadership {
  readonly epoch: number
  /** First offset that it took. */
  readonly start: number
  /** To be added to an offset for its place in the base. */
  readonly shift: number
}

export interface Leaderships {
  /** Oldest first; never empty. */
  of(key: string): readonly Leadership[]
  /** A new leader, whose log ends at an offset; the base's has `appended` records. */
  elect(key: string, end: number, appended: number): void
}

const first: Leadership = { epoch: 0, start: 0, shift: 0 }

export function newLeaderships(): Leaderships {
  const all = new Map<string, readonly Leadership[]>()
  const of = (key: string): readonly Leadership[] => all.get(key) ?? [first]
  return {
    of,
    elect(key, end, appended) {
      const before = of(key)
      const epoch = (before.at(-1)?.epoch ?? 0) + 1
      all.set(key, [...before.filter(({ start }) => start < end), { epoch, start: end, shift: appended - end }])
    },
  }
}

/** Where a log ends of which the base has `appended` records. */
export function endOf(led: readonly Leadership[], appended: number): number {
  return appended - (led.at(-1)?.shift ?? 0)
}

/** The one that took the record at an offset, or will take the next, and where its records end. */
export function leaderAt(
  led: readonly Leadership[],
  offset: number,
  appended: number,
): Leadership & { readonly end: number } {
  const at = Math.max(
    0,
    led.findLastIndex(({ start }) => start <= offset),
  )
  return { ...(led[at] ?? first), end: led[at + 1]?.start ?? endOf(led, appended) }
}

/** True where the record before an offset is no longer one of that epoch, as a broker tells it. */
export function isParted(
  led: readonly Leadership[],
  { epoch, offset }: { readonly epoch: number; readonly offset: number },
  appended: number,
): boolean {
  const at = led.findLastIndex((each) => each.epoch <= epoch)
  const end = led[at + 1]?.start ?? endOf(led, appended)
  return led[at]?.epoch !== epoch || end < offset
}

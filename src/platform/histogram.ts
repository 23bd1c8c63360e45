/** How often a value fell between which bounds. */
export interface Histogram {
  /** Rising; each is the highest value of its bucket. */
  readonly bounds: readonly number[]
  /** One more than there are bounds: the last is of values beyond them. */
  readonly counts: readonly number[]
  readonly sum: number
}

export function emptyHistogram(bounds: readonly number[]): Histogram {
  return { bounds, counts: Array.from({ length: bounds.length + 1 }, () => 0), sum: 0 }
}

export function withValue({ bounds, counts, sum }: Histogram, value: number): Histogram {
  const within = bounds.findIndex((bound) => value <= bound)
  const at = within === -1 ? bounds.length : within
  return { bounds, counts: counts.with(at, (counts[at] ?? 0) + 1), sum: sum + value }
}

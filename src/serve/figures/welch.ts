interface Group {
  readonly n: number
  readonly mean: number
  readonly sd: number
}

/** Welch's 95 % interval of `high.mean − low.mean` (Welch 1947; degrees of freedom by Satterthwaite). */
export function welch(low: Group, high: Group): { low95: number; high95: number } {
  const a = low.sd ** 2 / low.n
  const b = high.sd ** 2 / high.n
  const difference = high.mean - low.mean
  if (a + b === 0) return { low95: difference, high95: difference }
  const freedom = (a + b) ** 2 / (a ** 2 / (low.n - 1) + b ** 2 / (high.n - 1))
  const half = student975(freedom) * Math.sqrt(a + b)
  return { low95: difference - half, high95: difference + half }
}

/** 97.5th percentile of Student's t: Cornish–Fisher expansion around the normal (Abramowitz & Stegun 26.7.5), within 0.01 from 4 degrees of freedom. */
export function student975(freedom: number): number {
  const z = 1.959963984540054
  const g1 = (z ** 3 + z) / 4
  const g2 = (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96
  const g3 = (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384
  const g4 = (79 * z ** 9 + 776 * z ** 7 + 1482 * z ** 5 - 1920 * z ** 3 - 945 * z) / 92_160
  return z + g1 / freedom + g2 / freedom ** 2 + g3 / freedom ** 3 + g4 / freedom ** 4
}

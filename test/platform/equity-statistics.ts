/** The textbook statistics, by floating point and by sorting: nothing here is shared with the product. */

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

export function standardDeviation(values: readonly number[]): number {
  const middle = mean(values)
  return Math.sqrt(values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / (values.length - 1))
}

/** Linear between the two neighbours of `fraction` of the way from the least to the greatest. */
export function quantile(values: readonly number[], fraction: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (sorted.length - 1) * fraction
  const low = sorted[Math.floor(at)] ?? Number.NaN
  const high = sorted[Math.ceil(at)] ?? Number.NaN
  return low + (high - low) * (at - Math.floor(at))
}

/** Ranks from 1; equal values share the mean of their places. */
export function averageRanks(values: readonly number[]): readonly number[] {
  const order = values.map((value, at) => ({ value, at })).sort((a, b) => a.value - b.value)
  const ranks = new Array<number>(values.length)
  for (let from = 0; from < order.length; ) {
    let to = from
    while (order[to + 1]?.value === order[from]?.value) to += 1
    for (let place = from; place <= to; place += 1) ranks[order[place]?.at ?? 0] = (from + to) / 2 + 1
    from = to + 1
  }
  return ranks
}

/** Pearson's coefficient of the ranks; undefined without spread. */
export function spearman(xs: readonly number[], ys: readonly number[]): number | undefined {
  const [a, b] = [averageRanks(xs), averageRanks(ys)]
  const [meanA, meanB] = [mean(a), mean(b)]
  let [ab, aa, bb] = [0, 0, 0]
  for (const [at, rank] of a.entries()) {
    const [da, db] = [rank - meanA, (b[at] ?? Number.NaN) - meanB]
    ab += da * db
    aa += da * da
    bb += db * db
  }
  return aa * bb === 0 ? undefined : ab / Math.sqrt(aa * bb)
}

/** Bonett and Wright, 2000: Fisher's z with variance (1 + r²/2) / (n − 3). */
export function spearmanInterval(r: number, n: number): readonly [number, number] {
  const half = 1.959963984540054 * Math.sqrt((1 + r ** 2 / 2) / (n - 3))
  return [Math.tanh(Math.atanh(r) - half), Math.tanh(Math.atanh(r) + half)]
}

/** Difference of means `high − low` with Welch's interval; undefined without spread. */
export function welchInterval(low: readonly number[], high: readonly number[]): readonly [number, number] | undefined {
  const [a, b] = [low, high].map((group) => standardDeviation(group) ** 2 / group.length) as [number, number]
  if (a + b < 1e-20) return undefined
  const freedom = (a + b) ** 2 / (a ** 2 / (low.length - 1) + b ** 2 / (high.length - 1))
  const half = student975(freedom) * Math.sqrt(a + b)
  const gap = mean(high) - mean(low)
  return [gap - half, gap + half]
}

/** By halving the interval in which Student's distribution function crosses 0.975. */
export function student975(freedom: number): number {
  let [low, high] = [1.9, 20]
  for (let step = 0; step < 200; step += 1) {
    const middle = (low + high) / 2
    const outside = incompleteBeta(freedom / (freedom + middle ** 2), freedom / 2, 0.5)
    if (outside > 0.05) low = middle
    else high = middle
  }
  return (low + high) / 2
}

/** Regularised, by Lentz's continued fraction. */
function incompleteBeta(x: number, a: number, b: number): number {
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x))
  if (x > (a + 1) / (a + b + 2)) return 1 - (front * fraction(1 - x, b, a)) / b
  return (front * fraction(x, a, b)) / a
}

function fraction(x: number, a: number, b: number): number {
  const bounded = (value: number) => (Math.abs(value) < 1e-300 ? 1e-300 : value)
  let c = 1
  let d = 1 / bounded(1 - ((a + b) * x) / (a + 1))
  let result = d
  for (let m = 1; m < 5_000; m += 1) {
    for (const step of [
      (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m)),
      (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1)),
    ]) {
      d = 1 / bounded(1 + step * d)
      c = bounded(1 + step / c)
      result *= c * d
    }
    if (Math.abs(c * d - 1) < 1e-16) break
  }
  return result
}

/** Stirling's series, after stepping up to where it is exact to the last digit. */
function logGamma(x: number): number {
  let [shifted, product] = [x, 1]
  while (shifted < 15) {
    product *= shifted
    shifted += 1
  }
  const inverse = 1 / shifted ** 2
  const series =
    (1 / 12 + inverse * (-1 / 360 + inverse * (1 / 1260 + inverse * (-1 / 1680 + inverse / 1188)))) / shifted
  return (shifted - 0.5) * Math.log(shifted) - shifted + Math.log(2 * Math.PI) / 2 + series - Math.log(product)
}

import type { LivePoint, LiveRespondent } from '#api'

export type Span = 'recent' | 'season'

export interface LinePoint {
  /** Start, epoch milliseconds. */
  readonly at: number
  /** Answers per person invited. */
  readonly rate: number
  readonly events: number
  readonly invited: number
  readonly responded: number
  /** Events of the newest interval are still coming in. */
  readonly filling: boolean
}

export interface Line {
  readonly borough: string
  readonly points: readonly LinePoint[]
}

export interface Grid {
  /** From the first interval that holds an event to the last. */
  readonly intervals: number
  /** Start of the first one shown and end of the last one, epoch milliseconds. */
  readonly fromMs: number
  readonly toMs: number
  /** Intervals that one point adds up. */
  readonly merged: number
  readonly pointMs: number
}

/** A line has no more points than a narrow screen can tell apart. */
export const mostPoints = 90

/** How time is cut: the newest intervals as they are, or all of them, as many in one point as it takes. Undefined where there are no events. */
export function gridOf(curve: readonly LivePoint[], intervalSeconds: number, span: Span): Grid | undefined {
  const widthMs = intervalSeconds * 1_000
  let first = Number.POSITIVE_INFINITY
  let last = Number.NEGATIVE_INFINITY
  for (const { at } of curve) {
    const start = Date.parse(at)
    if (start < first) first = start
    if (start > last) last = start
  }
  if (first > last) return undefined
  const intervals = Math.round((last - first) / widthMs) + 1
  const toMs = last + widthMs
  if (span === 'recent') {
    return { intervals, fromMs: Math.max(first, toMs - mostPoints * widthMs), toMs, merged: 1, pointMs: widthMs }
  }
  const merged = Math.ceil(intervals / mostPoints)
  const pointMs = merged * widthMs
  return { intervals, fromMs: Math.floor(first / pointMs) * pointMs, toMs, merged, pointMs }
}

/** One line a borough, by name. */
export function linesOf(
  curve: readonly LivePoint[],
  { respondent, boroughs }: { readonly respondent: LiveRespondent; readonly boroughs: readonly string[] },
  { fromMs, toMs, pointMs }: Grid,
): readonly Line[] {
  const lines = new Map<string, Map<number, LinePoint>>()
  for (const point of curve) {
    const start = Date.parse(point.at)
    if (point.respondent !== respondent || start < fromMs) continue
    if (boroughs.length > 0 && !boroughs.includes(point.borough)) continue
    const at = Math.floor(start / pointMs) * pointMs
    const line = lines.get(point.borough) ?? new Map<number, LinePoint>()
    lines.set(point.borough, line)
    const before = line.get(at)
    const events = (before?.events ?? 0) + point.events
    const invited = (before?.invited ?? 0) + point.invited
    const responded = (before?.responded ?? 0) + point.responded
    line.set(at, { at, rate: responded / invited, events, invited, responded, filling: at + pointMs >= toMs })
  }
  return [...lines]
    .map(([borough, points]) => ({
      borough,
      points: [...points.values()].filter(({ invited }) => invited > 0).sort((a, b) => a.at - b.at),
    }))
    .filter(({ points }) => points.length > 0)
    .sort((a, b) => (a.borough < b.borough ? -1 : 1))
}

/** Events a second in each of the newest intervals, oldest first; an interval without any is 0. */
export function paceOf(curve: readonly LivePoint[], intervalSeconds: number, bars: number): readonly number[] {
  const grid = gridOf(curve, intervalSeconds, 'recent')
  if (grid === undefined) return []
  const sums = Array.from({ length: bars }, () => 0)
  const fromMs = grid.toMs - bars * grid.pointMs
  for (const { at, events } of curve) {
    const bar = Math.floor((Date.parse(at) - fromMs) / grid.pointMs)
    if (bar >= 0) sums[bar] = (sums[bar] ?? 0) + events / intervalSeconds
  }
  return sums
}

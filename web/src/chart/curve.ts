import { boroughName, boroughShort } from '../boroughs.ts'
import { percent } from '../format.ts'
import type { Grid, Line, LinePoint } from './live-lines.ts'
import { axisX, axisY, dot, gridY, line, plot, ruleY, text } from './plot.ts'

export interface Final {
  readonly borough: string
  readonly final: number
}

interface Drawn extends LinePoint {
  readonly borough: string
}

const labelPx = 14

/** Lines by borough, each against its own dashed final. */
export function curveChart(
  lines: readonly Line[],
  finals: readonly Final[],
  finalWords: string,
  grid: Grid,
  width: number,
): Element {
  const height = Math.round(Math.max(230, Math.min(330, width * 0.62)))
  const margins = { marginTop: 14, marginBottom: 24, marginLeft: 34, marginRight: 82 }
  const [low, high] = domainOf(lines, finals)
  const colour = ({ borough }: { borough: string }) => `var(--borough-${borough.toLowerCase()}, var(--ink-3))`
  const drawn = lines.map(({ borough, points }) => withGaps(borough, points, grid.pointMs))
  const newest = lines.flatMap(({ borough, points }) => {
    const last = points.at(-1)
    return last === undefined ? [] : [{ ...last, borough }]
  })
  const innerPx = height - margins.marginTop - margins.marginBottom
  const labels = spread(newest, ({ rate }) => (1 - (rate - low) / (high - low)) * innerPx)
  const top = finals.reduce<Final | undefined>((most, one) => (most && most.final > one.final ? most : one), undefined)
  return plot({
    width,
    height,
    ...margins,
    x: { type: 'time', domain: [new Date(grid.fromMs), new Date(Math.max(grid.toMs - grid.pointMs, grid.fromMs + 1))] },
    y: { domain: [low, high] },
    color: { type: 'identity' },
    marks: [
      gridY({ ticks: 5, stroke: 'var(--line)', strokeOpacity: 1 }),
      axisX({ ticks: width < 420 ? 3 : 5, tickSize: 0, label: null, tickFormat: tickOf(grid), fill: 'var(--ink-3)' }),
      axisY({
        ticks: 5,
        tickSize: 0,
        label: null,
        tickFormat: (of: number) => `${Math.round(of * 100)}%`,
        fill: 'var(--ink-3)',
      }),
      ruleY(finals, { y: 'final', stroke: colour, strokeWidth: 1.4, strokeDasharray: '5 4', strokeOpacity: 0.85 }),
      text(top === undefined ? [] : [top], {
        y: 'final',
        frameAnchor: 'left',
        dx: 4,
        dy: -8,
        text: () => finalWords,
        fill: 'var(--ink-2)',
        stroke: 'var(--card)',
        strokeWidth: 4,
      }),
      ...drawn.map((points) =>
        line(points, {
          x: 'at',
          y: 'rate',
          stroke: points[0] ? colour(points[0]) : 'var(--ink)',
          strokeWidth: 2.2,
          curve: 'monotone-x',
        }),
      ),
      dot(newest, {
        x: 'at',
        y: 'rate',
        r: 3.6,
        stroke: colour,
        strokeWidth: 2,
        fill: (point: Drawn) => (point.filling ? 'var(--card)' : colour(point)),
      }),
      ...labels.map(({ of, y }) =>
        text([of], {
          frameAnchor: 'top-right',
          dx: 8,
          dy: y - 6,
          textAnchor: 'start',
          text: ({ borough }: Drawn) => boroughShort(borough),
          fill: colour(of),
          fontWeight: 600,
        }),
      ),
    ],
  })
}

/** What the chart says in one sentence. */
export function curveWords(lines: readonly Line[]): string {
  return lines
    .map(({ borough, points }) => `${boroughName(borough)} ${percent(points.at(-1)?.rate ?? 0, 0)}`)
    .join(', ')
}

/** Hours and minutes, or days where the season is longer than two. */
function tickOf({ fromMs, toMs }: Grid): (at: Date) => string {
  const days = toMs - fromMs > 172_800_000
  const format = new Intl.DateTimeFormat(
    'en-US',
    days ? { month: 'short', day: 'numeric' } : { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
  )
  return (at) => format.format(at)
}

/** A line breaks where nothing was reported for long: between is not known. */
function withGaps(borough: string, points: readonly LinePoint[], pointMs: number): readonly Drawn[] {
  return points.flatMap((point, i) => {
    const before = points[i - 1]
    const gap = before !== undefined && point.at - before.at > 5 * pointMs
    const here = { ...point, borough }
    return gap ? [{ ...here, at: before.at + pointMs, rate: Number.NaN }, here] : [here]
  })
}

/** To the next ten percent, so that the axis stands still while the lines move. */
function domainOf(lines: readonly Line[], finals: readonly Final[]): [number, number] {
  const values = [...lines.flatMap(({ points }) => points.map(({ rate }) => rate)), ...finals.map(({ final }) => final)]
  const low = Math.max(0, Math.floor(Math.min(...values) * 10) / 10)
  const high = Math.min(1, Math.ceil(Math.max(...values) * 10 + 0.2) / 10)
  return [low, Math.max(high, low + 0.1)]
}

/** Labels in their order, moved apart until none covers another. */
function spread<T>(all: readonly T[], wanted: (of: T) => number): readonly { readonly of: T; readonly y: number }[] {
  const placed = all.map((of) => ({ of, y: wanted(of) })).sort((a, b) => a.y - b.y)
  for (const [i, label] of placed.entries()) {
    const above = placed[i - 1]
    if (above !== undefined) label.y = Math.max(label.y, above.y + labelPx)
  }
  return placed
}

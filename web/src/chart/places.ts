import type { Summaries } from '#api'
import { percent, schools } from '../format.ts'
import { drillHref } from '../route.ts'
import { dot, link, plot, text, tickX } from './plot.ts'
import { topAxis } from './top-axis.ts'

type Place = Summaries['places'][number]

export function placesChart(data: Summaries, who: string, width: number): Element {
  // Low first: where few answer is what a reader looks for. Places without a mean stand last.
  const places = [...data.places].sort((a, b) => (a.mean ?? 2) - (b.mean ?? 2))
  const valued = places.filter((place) => place.mean !== null)
  const ends = valued.flatMap(({ p25, p75, mean }) => [p25 ?? 1, p75 ?? 0, mean ?? 1])
  const low = Math.max(0, Math.floor(Math.min(0.9, ...ends) * 20 - 1) / 20)
  const high = Math.min(1, Math.ceil(Math.max(0.1, ...ends) * 20 + 0.5) / 20)
  const label =
    data.by === 'borough'
      ? ({ label: name }: Place) => name
      : ({ label: name }: Place) => name.replace('District ', 'D')
  const rowHeight = data.by === 'borough' ? 44 : 22
  const colour = `var(--${who})`
  return plot({
    width,
    height: places.length * rowHeight + 46,
    marginLeft: data.by === 'borough' ? 92 : 82,
    marginRight: 64,
    marginTop: 24,
    marginBottom: 16,
    x: { domain: [low, high] },
    y: { domain: places.map(label), axis: null },
    marks: [
      topAxis(width < 420 ? 3 : 5, (rate: number) => `${Math.round(rate * 100)}%`),
      text(places, { x: low, y: label, text: label, dx: -10, textAnchor: 'end', fill: 'var(--ink)' }),
      link(valued, {
        x1: 'p25',
        x2: 'p75',
        y1: label,
        y2: label,
        stroke: colour,
        strokeOpacity: 0.35,
        strokeWidth: data.by === 'borough' ? 9 : 6,
        strokeLinecap: 'round',
      }),
      tickX(
        valued.filter(({ studentWeightedMean }) => studentWeightedMean !== null),
        {
          x: 'studentWeightedMean',
          y: label,
          stroke: 'var(--ink)',
          strokeWidth: 2,
          inset: data.by === 'borough' ? 12 : 5,
        },
      ),
      dot(valued, {
        x: 'mean',
        y: label,
        r: data.by === 'borough' ? 6.5 : 5,
        fill: colour,
        stroke: 'var(--card)',
        strokeWidth: 1.5,
        href: ({ place }: Place) =>
          drillHref({ of: 'schools', measure: data.measure, [data.by]: place, state: 'present' }),
        ariaLabel: ({ label: name, mean, n }: Place) => `${name}: mean ${percent(mean ?? 0)} of ${schools(n ?? 0)}`,
      }),
      text(places, {
        x: high,
        y: label,
        dx: 10,
        textAnchor: 'start',
        text: ({ n, state }: Place) => (state === 'value' ? `n ${n}` : state === 'missing' ? 'none' : 'withheld'),
        fill: 'var(--ink-3)',
      }),
    ],
  })
}

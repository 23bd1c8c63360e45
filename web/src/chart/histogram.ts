import type { Histogram } from '#api'
import { count, percent } from '../format.ts'
import { drillHref } from '../route.ts'
import { axisX, axisY, gridY, plot, rectY, ruleX, ruleY, text } from './plot.ts'

export function histogramChart(data: Histogram, who: string, width: number): Element {
  const narrow = width < 480
  const height = Math.round(Math.max(220, Math.min(380, width * 0.5)))
  const marks = [
    gridY({ ticks: 5, stroke: 'var(--line)', strokeOpacity: 1 }),
    axisX({
      ticks: narrow ? 5 : 10,
      tickFormat: (rate: number) => `${Math.round(rate * 100)}%`,
      tickSize: 0,
      label: null,
      fill: 'var(--ink-3)',
    }),
    axisY({ ticks: 5, tickSize: 0, label: 'schools', labelArrow: 'none', fill: 'var(--ink-3)' }),
    rectY(data.bins, {
      x1: 'from',
      x2: 'to',
      y: 'n',
      insetLeft: 1,
      insetRight: 1,
      rx: 1.5,
      fill: `var(--${who})`,
      href: ({ bin }: { bin: number }) => drillHref({ of: 'schools', measure: data.measure, bin }),
      ariaLabel: ({ from, to, n }: { from: number; to: number; n: number }) =>
        `${percent(from, 0)} to ${percent(to, 0)}: ${count(n)} schools`,
    }),
    ruleY([0], { stroke: 'var(--ink-2)' }),
  ]
  if (data.median !== null) {
    const left = data.median > 0.7
    marks.push(
      ruleX([data.median], { stroke: 'var(--ink)', strokeWidth: 1.5, strokeDasharray: '3 3' }),
      text([data.median], {
        x: (median: number) => median,
        frameAnchor: 'top',
        dx: left ? -7 : 7,
        dy: -18,
        textAnchor: left ? 'end' : 'start',
        text: (median: number) => `median ${percent(median, 0)}`,
        fill: 'var(--ink)',
        fontWeight: 600,
      }),
    )
  }
  return plot({
    width,
    height,
    marginLeft: 38,
    marginRight: 12,
    marginTop: 30,
    marginBottom: 28,
    x: { domain: [0, 1] },
    y: { domain: [0, Math.max(5, ...data.bins.map(({ n }) => n))], nice: true },
    marks,
  })
}

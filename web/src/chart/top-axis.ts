import { axisX, gridX } from './plot.ts'

/** The scale of a chart that is read from the top down, and its lines. */
export function topAxis(ticks: number, tickFormat: (of: number) => string) {
  return [
    gridX({ ticks, stroke: 'var(--line)', strokeOpacity: 1 }),
    axisX({ anchor: 'top', ticks, tickSize: 0, label: null, tickFormat, fill: 'var(--ink-3)' }),
  ]
}

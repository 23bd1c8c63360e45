import { dot, link, plot, ruleX, text } from './plot.ts'
import { topAxis } from './top-axis.ts'

/** An estimate and its 95 % interval; null where there is none, and `note` says why. */
export interface Estimate {
  readonly label: string
  readonly at: number | null
  readonly low: number | null
  readonly high: number | null
  /** Both intervals keep clear of zero: drawn strongly. */
  readonly clear: boolean
  /** Beside it, at the right. */
  readonly note: string
  /** What it says, for who does not see it. */
  readonly words: string
  readonly href: string
}

interface Axis {
  readonly tick: (of: number) => string
  /** Drawn where nothing differs; none for what has no such place. */
  readonly zero: boolean
  /** Ends that the axis never leaves. */
  readonly bounds: readonly [number, number]
}

const rowPx = 46

/** One line an estimate, its name above it. */
export function forestChart(estimates: readonly Estimate[], axis: Axis, width: number): Element {
  const shown = estimates.filter(({ at }) => at !== null)
  const withInterval = shown.filter(({ low, high }) => low !== null && high !== null)
  const narrow = width < 520
  const right = narrow ? 62 : 84
  const place = (one: Estimate) => estimates.indexOf(one) + 0.66
  const colour = ({ clear }: Estimate) => (clear ? 'var(--accent)' : 'var(--ink-3)')
  const [low, high] = domainOf(shown, axis)
  return plot({
    width,
    height: estimates.length * rowPx + 40,
    marginLeft: 10,
    marginRight: right,
    marginTop: 28,
    marginBottom: 8,
    x: { domain: [low, high] },
    y: { domain: [0, estimates.length], reverse: true, axis: null },
    color: { type: 'identity' },
    marks: [
      topAxis(narrow ? 4 : 7, axis.tick),
      axis.zero ? ruleX([0], { stroke: 'var(--ink-2)', strokeDasharray: '3 3' }) : null,
      link(withInterval, {
        x1: 'low',
        x2: 'high',
        y1: place,
        y2: place,
        stroke: colour,
        strokeWidth: 3,
        strokeOpacity: 0.55,
      }),
      text(estimates, {
        x: low,
        y: place,
        dy: -17,
        text: 'label',
        textAnchor: 'start',
        lineWidth: Math.max(10, (width - 20) / 13),
        textOverflow: 'ellipsis',
        fill: 'var(--ink)',
        fontWeight: 500,
        fontSize: 13,
        stroke: 'var(--card)',
        strokeWidth: 4,
      }),
      dot(shown, {
        x: 'at',
        y: place,
        r: 6,
        fill: colour,
        stroke: 'var(--card)',
        strokeWidth: 2,
        href: 'href',
        ariaLabel: 'words',
      }),
      text(estimates, {
        x: high,
        y: place,
        dx: 10,
        text: 'note',
        textAnchor: 'start',
        fill: 'var(--ink-2)',
      }),
    ],
  })
}

/** As wide as the widest interval, with zero in it where it means something. */
function domainOf(estimates: readonly Estimate[], { zero, bounds }: Axis): [number, number] {
  const ends = estimates.flatMap(({ at, low, high }) => [at, low, high].filter((end) => end !== null))
  if (zero) ends.push(0)
  if (ends.length === 0) return [...bounds]
  const [least, most] = [Math.min(...ends), Math.max(...ends)]
  const space = (most - least || (bounds[1] - bounds[0]) / 10) * 0.06
  return [Math.max(bounds[0], least - space), Math.min(bounds[1], most + space)]
}

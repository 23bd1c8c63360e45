import type { Equity, EquityGap, Options, Scale } from '#api'
import { useAnswer } from '../ask.ts'
import { Chart } from '../chart/chart.tsx'
import type { Estimate } from '../chart/forest.ts'
import { forestChart } from '../chart/forest.ts'
import { Empty, FaultNote, Figure, Loading, Switch } from '../figure.tsx'
import { count, schoolYear } from '../format.ts'
import { figureKey, hrefWith, parameter } from '../route.ts'
import { useState } from '../view.ts'
import { ColumnMeanings } from './column-meanings.tsx'
import { BucketsFigure } from './equity-buckets.tsx'
import { GapTable } from './equity-table.tsx'
import {
  differenceOf,
  headline,
  isClearVerdict,
  measureLabel,
  programOptions,
  scaleWords,
  signed,
} from './equity-words.ts'
import { ReleaseSwitch } from './release-switch.tsx'

export function EquityPage({ options }: { options: Options }) {
  const programs = programOptions(options)
  const program = programs.find(({ value }) => value === parameter('of'))?.value ?? 'all'
  const vintage = options.vintages.find((year) => String(year) === parameter('vintage')) ?? options.vintages.at(-1)
  const asked = new URLSearchParams({ program })
  for (const name of ['year', 'measure', 'vintage']) {
    const value = name === 'vintage' ? vintage?.toString() : parameter(name)
    if (value !== undefined) asked.set(name, value)
  }
  const { data, fault, loading } = useAnswer<Equity>(`equity?${asked}`)

  if (vintage === undefined) return <Empty title="No vulnerability index has been landed." />
  if (fault) return <FaultNote fault={fault} />
  if (data === undefined) return <Loading what="equity, measure by measure" height={640} />
  if (data.gaps.length === 0) {
    return (
      <>
        <h1>No gaps are published for this choice</h1>
        <Empty title="Either no measure of the year was asked of these programs, or this publication was made before Gold had gaps: the next run makes them." />
      </>
    )
  }
  const groups = scalesOf(data.gaps)
  return (
    <>
      <header class="lede">
        <p class="kicker">Equity, measure by measure</p>
        <h1>{headline(data.gaps)}</h1>
        <p class="standfirst">
          {schoolYear(data.year)}, SVI {data.vintage}, {words(programs, program)}, the whole city. Each measure is
          compared between schools in tracts of high and of low vulnerability, and its ranks with the tracts’ ranks.
        </p>
        <p class="method">
          Called clear only where both 95% intervals leave out zero on the same side and the gap is at least a fifth of
          a standard deviation. An interval says what another year like this one might show, and nothing of causes; of
          many measures without any relation, some look clear by chance.
        </p>
      </header>
      <aside class="caveat">
        <p>
          <strong>Places are not pupils.</strong> The rank is of the census tract a school stands in, not of the pupils
          who go there. Charter, special-education and alternative programs draw from the whole city: choose a kind of
          program to see it by itself.
        </p>
      </aside>
      <div class="controls-bar">
        <Switch label="Programs" name="of" value={program} options={programs} />
        <ReleaseSwitch vintages={options.vintages} vintage={vintage} />
      </div>
      <BucketsFigure data={data} busy={loading} />
      {groups.map(([scale, gaps]) => (
        <GapFigure data={data} scale={scale} gaps={gaps} busy={loading} />
      ))}
      <CorrelationFigure data={data} busy={loading} />
      <Meanings />
    </>
  )
}

function words(programs: ReturnType<typeof programOptions>, program: string): string {
  const label = programs.find(({ value }) => value === program)?.label ?? program
  return program === 'all' ? 'schools of all programs' : `${label.toLowerCase()} schools`
}

function scalesOf(gaps: readonly EquityGap[]): readonly (readonly [Scale, readonly EquityGap[]])[] {
  const scales: readonly Scale[] = ['rate', 'score_1_5', 'percent_positive']
  return scales
    .filter((scale) => gaps.some((gap) => gap.scale === scale))
    .map((scale) => [scale, gaps.filter((gap) => gap.scale === scale)])
}

interface Facts {
  readonly data: Equity
  readonly busy: boolean
}

function EquityCaption({ data, unit, left }: { data: Equity; unit: string; left: string }) {
  return (
    <>
      {data.sample && <strong class="sample-mark">Sample data</strong>}
      <span>Unit: {unit}</span>
      <span>School year {schoolYear(data.year)}</span>
      <span>SVI {data.vintage}, rank within New York State</span>
      <span>{left}</span>
      <span>Publication {data.publication}</span>
    </>
  )
}

function intervalWords(low: number | null, high: number | null, words: (end: number) => string): string {
  return low === null || high === null ? '' : `, 95% interval ${words(low)} to ${words(high)}`
}

function GapFigure({ data, scale, gaps, busy }: Facts & { scale: Scale; gaps: readonly EquityGap[] }) {
  const estimates = gaps.map((gap): Estimate => {
    const { gap: at, gapLow95: low, gapHigh95: high } = gap
    const label = measureLabel(gap)
    const found = at === null ? (gap.note ?? 'not to be had') : differenceOf(at, scale)
    const interval = intervalWords(low, high, (end) => differenceOf(end, scale))
    return {
      label,
      at,
      low,
      high,
      clear: isClearVerdict(gap.verdict),
      note: at === null ? (gap.verdict === 'no value' ? 'no value' : 'withheld') : differenceOf(at, scale),
      words: `${label}: ${found}${interval}, n ${count(gap.nHigh)} and ${count(gap.nLow)}: ${gap.verdict}`,
      href: hrefWith({ measure: gap.measure }),
    }
  })
  const tick = (of: number) => differenceOf(of, scale).replace(' pts', '')
  return (
    <Figure
      class="gaps"
      busy={busy}
      title={scale === 'rate' ? 'Response gaps: high less low vulnerability' : 'Gaps: high less low vulnerability'}
      dek="Dot: mean of schools in high-vulnerability tracts less that in low; line: 95% interval (Welch). Left of zero, schools in high-vulnerability tracts have less. Choose a dot for its buckets."
      caption={
        <EquityCaption
          data={data}
          unit={`${scale === 'score_1_5' ? 'points of the score from 1 to 5' : 'percentage points'}, ${scaleWords(scale)}`}
          left="n of each beside it in the table"
        />
      }
    >
      <Chart
        label={`Gaps of ${gaps.length} measures between high and low vulnerability; the numbers stand in the table below`}
        of={`${data.publication} ${figureKey()} ${busy}`}
        draw={(width) =>
          forestChart(estimates, { tick, zero: true, bounds: scale === 'rate' ? [-1, 1] : [-100, 100] }, width)
        }
      />
      <GapTable gaps={gaps} of={scale === 'rate' ? 'response gaps' : 'gaps of scores'} />
    </Figure>
  )
}

function CorrelationFigure({ data, busy }: Facts) {
  const estimates = data.gaps.map((gap): Estimate => {
    const { spearman: at, spearmanLow95: low, spearmanHigh95: high } = gap
    const label = measureLabel(gap)
    const interval = intervalWords(low, high, signed)
    return {
      label,
      at,
      low,
      high,
      clear: isClearVerdict(gap.verdict),
      note: at === null ? '–' : signed(at),
      words: `${label}: rank correlation ${at === null ? 'not to be had' : signed(at)}${interval}, n ${count(gap.n)}`,
      href: hrefWith({ measure: gap.measure }),
    }
  })
  return (
    <Figure
      class="correlations"
      busy={busy}
      title="Do the ranks go together?"
      dek="Dot: Spearman’s rank correlation of schools’ values with their tracts’ ranks; line: 95% interval. At 0 they do not go together at all, at −1 or +1 wholly. The axis shows only the part that is met."
      caption={<EquityCaption data={data} unit="rank correlation, −1 to 1" left="n of each in the table above" />}
    >
      <Chart
        label={`Rank correlations of ${data.gaps.length} measures with vulnerability; the numbers stand in the tables above`}
        of={`${data.publication} ${figureKey()} ${busy}`}
        draw={(width) => forestChart(estimates, { tick: signed, zero: true, bounds: [-1, 1] }, width)}
      />
    </Figure>
  )
}

function Meanings() {
  const [open, setOpen] = useState(false)
  return (
    <details class="as-table meanings-fold" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>What the columns mean, and what to bear in mind</summary>
      {open && <ColumnMeanings table="equity_gap" />}
    </details>
  )
}

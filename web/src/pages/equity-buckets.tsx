import type { Equity, EquityBucket, EquityGap } from '#api'
import { Chart } from '../chart/chart.tsx'
import type { Estimate } from '../chart/forest.ts'
import { forestChart } from '../chart/forest.ts'
import { Empty, Figure, Scroll } from '../figure.tsx'
import { count, schools, schoolYear, value } from '../format.ts'
import { figureKey, go, hrefWith } from '../route.ts'
import { differenceOf, measureLabel, scaleWords, signed, suppressionWords } from './equity-words.ts'

/** One measure, bucket by bucket. */
export function BucketsFigure({ data, busy }: { data: Equity; busy: boolean }) {
  const gap = data.gaps.find(({ measure }) => measure === data.measure)
  return (
    <Figure
      class="equity-buckets"
      busy={busy}
      title={gap === undefined ? 'By bucket of vulnerability' : `${measureLabel(gap)}, by bucket of vulnerability`}
      dek={gap && sentence(gap)}
      controls={<MeasureChoice data={data} />}
      caption={
        gap && (
          <>
            {data.sample && <strong class="sample-mark">Sample data</strong>}
            <span>Unit: {scaleWords(gap.scale)}</span>
            <span>School year {schoolYear(data.year)}</span>
            <span>n = {schools(gap.n)}</span>
            <span>{count(gap.missing)} without a value</span>
            <span>{count(gap.unranked)} without a rank</span>
            <span>SVI {data.vintage}</span>
            <span>Publication {data.publication}</span>
          </>
        )
      }
    >
      {gap === undefined ? (
        <Empty title="These programs have no schools in this measure." />
      ) : (
        <Buckets data={data} gap={gap} busy={busy} />
      )}
    </Figure>
  )
}

function Buckets({ data, gap, busy }: { data: Equity; gap: EquityGap; busy: boolean }) {
  const { scale } = gap
  const estimates = data.buckets.map((bucket): Estimate => {
    const { mean: at, meanLow95: low, meanHigh95: high } = bucket
    const why = suppressionWords(bucket)
    return {
      label: at === null ? `${bucket.bucket}: ${why}` : bucket.bucket,
      at,
      low,
      high,
      clear: true,
      note: at === null ? '' : `n ${count(bucket.n)}`,
      words: `${bucket.bucket}: ${at === null ? why : `mean ${value(at, scale)} of ${schools(bucket.n)}`}`,
      href: hrefWith({ measure: gap.measure }),
    }
  })
  const bounds = { rate: [0, 1], score_1_5: [1, 5], percent_positive: [0, 100] } as const
  return (
    <>
      <Chart
        label={`${measureLabel(gap)} by bucket: ${estimates.map(({ words }) => words).join('; ')}`}
        of={`${data.publication} ${figureKey()} ${data.measure} ${busy}`}
        draw={(width) =>
          forestChart(estimates, { tick: (of) => tickOf(of, scale), zero: false, bounds: bounds[scale] }, width)
        }
      />
      <Scroll class="scroll-x" label="Numbers: buckets of vulnerability">
        <table class="plain">
          <thead>
            <tr>
              <th scope="col">Vulnerability</th>
              <th scope="col" class="num">
                n
              </th>
              <th scope="col" class="num">
                No value
              </th>
              <th scope="col" class="num">
                Mean of schools
              </th>
              <th scope="col" class="num">
                Weighted by students
              </th>
              <th scope="col" class="num">
                Median
              </th>
              <th scope="col" class="num">
                Middle half
              </th>
            </tr>
          </thead>
          <tbody>
            {data.buckets.map((bucket) => (
              <tr>
                <th scope="row">{bucket.bucket}</th>
                <td class="num">{count(bucket.n)}</td>
                <td class="num">{count(bucket.missing)}</td>
                <td class="num">
                  {bucket.mean === null ? (
                    <span class="none">{suppressionWords(bucket)}</span>
                  ) : (
                    <>
                      {value(bucket.mean, scale)}
                      <Interval bucket={bucket} scale={scale} />
                    </>
                  )}
                </td>
                <td class="num">
                  {bucket.studentWeightedMean === null ? '–' : value(bucket.studentWeightedMean, scale)}
                </td>
                <td class="num">{bucket.median === null ? '–' : value(bucket.median, scale)}</td>
                <td class="num">
                  {bucket.p25 === null || bucket.p75 === null
                    ? '–'
                    : `${value(bucket.p25, scale)} to ${value(bucket.p75, scale)}`}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </>
  )
}

function Interval({ bucket, scale }: { bucket: EquityBucket; scale: EquityGap['scale'] }) {
  if (bucket.meanLow95 === null || bucket.meanHigh95 === null) return null
  return (
    <small>
      {value(bucket.meanLow95, scale)} to {value(bucket.meanHigh95, scale)}
    </small>
  )
}

function MeasureChoice({ data }: { data: Equity }) {
  return (
    <label class="slicer">
      <span>Measure</span>
      <select value={data.measure ?? ''} onChange={(event) => go(hrefWith({ measure: event.currentTarget.value }))}>
        {data.gaps.map((gap) => (
          <option value={gap.measure} selected={gap.measure === data.measure}>
            {measureLabel(gap)}
          </option>
        ))}
      </select>
    </label>
  )
}

/** What the buckets say together, with both intervals; no more than that. */
function sentence(gap: EquityGap): string {
  const { scale } = gap
  if (gap.gap === null) return `No gap is shown: ${gap.note ?? gap.verdict}. Dot: mean of schools; line: 95% interval.`
  const gapWords = `High less low: ${differenceOf(gap.gap, scale)}${between(gap.gapLow95, gap.gapHigh95, (of) => differenceOf(of, scale))}.`
  const rank =
    gap.spearman === null
      ? ''
      : ` Rank correlation ${signed(gap.spearman)}${between(gap.spearmanLow95, gap.spearmanHigh95, signed)}.`
  const said = gap.verdict.endsWith('high')
    ? `${gap.verdict.charAt(0).toUpperCase()}${gap.verdict.slice(1)}`
    : 'No clear relation'
  return `${gap.verdict === 'cannot be judged' ? `Cannot be judged: ${gap.note}` : said}. ${gapWords}${rank} Dot: mean of schools; line: 95% interval.`
}

function between(low: number | null, high: number | null, words: (of: number) => string): string {
  return low === null || high === null ? '' : ` (95% interval ${words(low)} to ${words(high)})`
}

function tickOf(of: number, scale: EquityGap['scale']): string {
  if (scale === 'rate') return `${Math.round(of * 100)}%`
  return scale === 'percent_positive' ? `${Math.round(of)}%` : of.toFixed(1)
}

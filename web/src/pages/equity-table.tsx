import type { EquityGap } from '#api'
import { AsTable } from '../figure.tsx'
import { count, value } from '../format.ts'
import { hrefWith } from '../route.ts'
import { differenceOf, measureLabel, signed } from './equity-words.ts'

/** Every number that the charts draw, with n and what was left out. */
export function GapTable({ gaps, of }: { gaps: readonly EquityGap[]; of: string }) {
  return (
    <AsTable of={of}>
      <table class="plain gap-table">
        <thead>
          <tr>
            <th scope="col">Measure</th>
            <th scope="col" class="num">
              Low
            </th>
            <th scope="col" class="num">
              High
            </th>
            <th scope="col" class="num">
              Gap
            </th>
            <th scope="col" class="num">
              Rank correlation
            </th>
            <th scope="col">Verdict</th>
            <th scope="col" class="num">
              Left out
            </th>
          </tr>
        </thead>
        <tbody>
          {gaps.map((gap) => (
            <tr>
              <th scope="row">
                <a href={hrefWith({ measure: gap.measure })}>{measureLabel(gap)}</a>
              </th>
              <MeanCell mean={gap.meanLow} n={gap.nLow} scale={gap.scale} />
              <MeanCell mean={gap.meanHigh} n={gap.nHigh} scale={gap.scale} />
              <td class="num">
                {gap.gap === null ? '–' : differenceOf(gap.gap, gap.scale)}
                {gap.gapLow95 !== null && gap.gapHigh95 !== null && (
                  <small>
                    {differenceOf(gap.gapLow95, gap.scale)} to {differenceOf(gap.gapHigh95, gap.scale)}
                  </small>
                )}
              </td>
              <td class="num">
                {gap.spearman === null ? '–' : signed(gap.spearman)}
                <small>
                  {gap.spearmanLow95 !== null && gap.spearmanHigh95 !== null
                    ? `${signed(gap.spearmanLow95)} to ${signed(gap.spearmanHigh95)}, `
                    : ''}
                  n {count(gap.n)}
                </small>
              </td>
              <td>
                {gap.verdict}
                {gap.note !== null && <small>{gap.note}</small>}
              </td>
              <td class="num">
                <small>{count(gap.missing)} no value</small>
                <small>{count(gap.unranked)} no rank</small>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </AsTable>
  )
}

function MeanCell({ mean, n, scale }: { mean: number | null; n: number; scale: EquityGap['scale'] }) {
  return (
    <td class="num">
      {mean === null ? <span class="none">{n === 0 ? '–' : 'withheld'}</span> : value(mean, scale)}
      <small>n {count(n)}</small>
    </td>
  )
}

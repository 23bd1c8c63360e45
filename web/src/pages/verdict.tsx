import type { Vulnerability } from '#api'
import { count, difference, schoolYear, value } from '../format.ts'

/** Says in words whether the two go together, and no less plainly that they do not. */
export function Verdict({ data, name }: { data: Vulnerability; name: string }) {
  const { relation } = data
  const low = data.buckets.find(({ from }) => from === 0)
  const high = data.buckets.filter(({ from }) => from !== null).at(-1)
  if (relation === null || low?.mean == null || high?.mean == null) {
    return (
      <>
        <h1>Too few schools to compare low and high vulnerability</h1>
        <p class="standfirst">
          {schoolYear(data.year)}: either no value was published for this measure, or a bucket holds fewer than five
          schools.
        </p>
      </>
    )
  }
  return (
    <>
      <h1>
        {relation.verdict === 'none'
          ? `No clear relation between a tract’s vulnerability and the ${name}`
          : `The ${name} is ${relation.verdict} where vulnerability is high`}
      </h1>
      <p class="standfirst">
        {schoolYear(data.year)}: schools in high-vulnerability tracts average {value(high.mean, data.unit)} (n{' '}
        {count(relation.nHigh)}), in low {value(low.mean, data.unit)} (n {count(relation.nLow)}). Difference{' '}
        <strong>{difference(relation.difference, data.unit)}</strong>, 95% interval{' '}
        {difference(relation.low95, data.unit)} to {difference(relation.high95, data.unit)}: what another year like this
        one might show.
      </p>
      <p class="method">
        Said to be clear when the interval leaves out zero and the difference is at least a fifth of a standard
        deviation (here {Math.abs(relation.standardized).toFixed(2)}).
      </p>
    </>
  )
}

import type { LiveRate } from '#api'
import { boroughName } from '../boroughs.ts'
import { Empty, Figure, Scroll } from '../figure.tsx'
import { capital, count, percent, points, respondentNouns, schoolYear } from '../format.ts'
import { listParameter } from '../route.ts'
import { stream } from '../stream.ts'
import { chosenRespondents, LiveCaption } from './live-words.tsx'

export function RatesFigure() {
  const finalYear = stream.about.value?.finalYear ?? null
  const boroughs = listParameter('borough')
  const groups = chosenRespondents().map((who) => ({
    who,
    rates: stream.rates.value
      .filter(({ respondent, borough }) => respondent === who && (boroughs.length === 0 || boroughs.includes(borough)))
      .sort((a, b) => (boroughName(a.borough) < boroughName(b.borough) ? -1 : 1)),
  }))
  const n = groups.flatMap(({ rates }) => rates).reduce((sum, { schools }) => sum + schools, 0)
  const final = finalYear === null ? 'Final' : `${schoolYear(finalYear)} final`
  return (
    <Figure
      class="live-rates"
      title="Where each borough stands"
      dek={`Of each school its newest report. ${final}: the published rates of the same schools, each weighted by how many it has invited this season. The season is not over: a difference is of so far, and says nothing of its end.`}
      caption={<LiveCaption unit="percent of people invited" n={`${count(n)} groups, one a school and kind`} />}
    >
      {n === 0 ? (
        <Empty title="None of these schools has reported yet." />
      ) : (
        <Scroll class="scroll-x" label="Rates by respondent and borough">
          <table class="plain rates-table">
            <thead>
              <tr>
                <th scope="col">Borough</th>
                <th scope="col" class="num">
                  Schools
                </th>
                <th scope="col" class="num">
                  Invited
                </th>
                <th scope="col" class="num">
                  Responded
                </th>
                <th scope="col" class="num">
                  So far
                </th>
                <th scope="col" class="num">
                  {final}
                </th>
                <th scope="col" class="num">
                  Difference so far, points
                </th>
              </tr>
            </thead>
            {groups.map(({ who, rates }) =>
              rates.length === 0 ? null : (
                <tbody key={who} class={who}>
                  <tr class="group">
                    <th scope="rowgroup" colSpan={7}>
                      <span class="swatch" aria-hidden="true" />
                      {capital(respondentNouns[who])}
                    </th>
                  </tr>
                  {rates.map((rate) => (
                    <Row key={rate.borough} rate={rate} />
                  ))}
                </tbody>
              ),
            )}
          </table>
        </Scroll>
      )}
    </Figure>
  )
}

function Row({ rate: { borough, schools, invited, responded, final, finalSchools } }: { rate: LiveRate }) {
  const rate = invited === 0 ? null : responded / invited
  return (
    <tr>
      <th scope="row">{boroughName(borough)}</th>
      <td class="num">{count(schools)}</td>
      <td class="num">{count(invited)}</td>
      <td class="num">{count(responded)}</td>
      <td class="num strong">
        {rate === null ? '–' : percent(rate)}
        {rate !== null && (
          <span class="against" aria-hidden="true">
            <i style={{ width: `${Math.min(100, rate * 100)}%` }} />
            {final !== null && <b style={{ left: `${Math.min(100, final * 100)}%` }} />}
          </span>
        )}
      </td>
      <td class="num">
        {final === null ? 'none published' : percent(final)}
        {final !== null && <small>of {count(finalSchools)}</small>}
      </td>
      <td class="num">{final === null || rate === null ? '–' : points(rate - final)}</td>
    </tr>
  )
}

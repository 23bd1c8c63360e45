import { boroughName } from '../boroughs.ts'
import { adds, Equation } from '../equation.tsx'
import { Empty, FaultNote, Loading } from '../figure.tsx'
import { capital, count, percent, respondentNouns, schoolYear } from '../format.ts'
import { published, reachable } from '../live.ts'
import { chipsOf, FilterBand, Slicer } from '../slicers.tsx'
import { stream, streamFault, watchStream } from '../stream.ts'
import { useEffect } from '../view.ts'
import { CurveFigure } from './live-curve.tsx'
import { EventsFigure } from './live-events.tsx'
import { PartitionsFigure, StreamRulesFigure } from './live-lake.tsx'
import { MeasuresFigure } from './live-measures.tsx'
import { Pulse } from './live-pulse.tsx'
import { RatesFigure } from './live-rates.tsx'
import { respondents } from './live-words.tsx'

export function LivePage() {
  if (published.value?.live) return <Stream />
  return (
    <main id="main" class="page page-live" tabIndex={-1}>
      <header class="lede">
        <p class="kicker">Live</p>
        <h1>No stream runs into this lake</h1>
        <p class="standfirst">
          Where one does, this page shows a survey season as it comes in: how many have answered so far, against last
          year’s final rates.
        </p>
      </header>
      <Empty title="It appears here by itself, as soon as its first events are published.">
        <p>
          <code>fairlead stream season</code> simulates a season and follows it.
        </p>
      </Empty>
    </main>
  )
}

function Stream() {
  useEffect(watchStream, [])
  const about = stream.about.value
  if (about === undefined) {
    const fault = reachable.value ? streamFault.value : undefined
    return (
      <main id="main" class="page page-live" tabIndex={-1}>
        {fault ? <FaultNote fault={fault} /> : <Loading what="the stream" height={640} />}
      </main>
    )
  }
  return (
    <>
      <LiveFilters />
      <main id="main" class="page page-live" tabIndex={-1}>
        <Lede />
        <Pulse />
        <Conservation />
        <CurveFigure />
        <div class="live-columns">
          <RatesFigure />
          <EventsFigure />
        </div>
        <div class="columns-even">
          <StreamRulesFigure />
          <PartitionsFigure />
        </div>
        <MeasuresFigure />
      </main>
    </>
  )
}

/** What holds for the whole page, said above it. */
export function LiveBanners() {
  const about = stream.about.value
  if (about === undefined) return null
  return (
    <>
      {about.simulated && (
        <aside class="banner sample" aria-label="Simulated">
          <p>
            <strong>Simulated.</strong> These events are generated, not sent by schools: nobody gave these answers.
            Nothing here says anything about a real school or season.
          </p>
        </aside>
      )}
      {about.held !== null && (
        <aside class="banner held" aria-label="The last good figures are shown">
          <p>
            <strong>The last good figures of the stream are shown.</strong> {about.held}
          </p>
        </aside>
      )}
    </>
  )
}

function LiveFilters() {
  const { value: rates } = stream.rates
  const boroughs = [...new Set(rates.map(({ borough }) => borough))]
    .map((value) => ({
      value,
      label: boroughName(value),
      schools: Math.max(...rates.filter(({ borough }) => borough === value).map(({ schools }) => schools)),
    }))
    .sort((a, b) => (a.label < b.label ? -1 : 1))
  const who = respondents.map((value) => ({
    value,
    label: capital(respondentNouns[value]),
    schools: rates.filter(({ respondent }) => respondent === value).reduce((sum, { schools }) => sum + schools, 0),
  }))
  return (
    <FilterBand chips={[...chipsOf('borough', boroughs), ...chipsOf('respondent', who)]}>
      <Slicer name="borough" title="Borough" choices={boroughs} />
      <Slicer name="respondent" title="Who answers" choices={who} />
    </FilterBand>
  )
}

function Lede() {
  const about = stream.about.value
  const rates = stream.rates.value
  const shares = respondents.flatMap((who) => {
    const own = rates.filter(({ respondent }) => respondent === who)
    const invited = own.reduce((sum, rate) => sum + rate.invited, 0)
    const responded = own.reduce((sum, rate) => sum + rate.responded, 0)
    return invited === 0 ? [] : [`${percent(responded / invited, 0)} of ${respondentNouns[who]}`]
  })
  const groups = rates.reduce((sum, { schools }) => sum + schools, 0)
  return (
    <header class="lede">
      <p class="kicker">
        Live · {about?.title}
        {about?.schoolYear ? ` · ${schoolYear(about.schoolYear)}` : ''}
      </p>
      <h1>{shares.length === 0 ? 'No school has reported yet' : `So far ${listed(shares)} have answered`}</h1>
      <p class="standfirst">
        Of those invited by the schools that have reported: {count(groups)} groups of students, teachers or parents, of
        each its newest report. One event is one school’s report on one group.
      </p>
    </header>
  )
}

function Conservation() {
  const counts = stream.counts.value
  if (counts === undefined) return null
  return (
    <section class="conservation" aria-label="What became of the events">
      <Equation counts={counts} />
      <p class={adds(counts) ? 'adds' : 'off'}>
        {adds(counts) ? '✓ Every event that landed is accounted for' : '✗ Some events are not accounted for'}
        <span> · landed = clean + quarantined + duplicates + superseded</span>
      </p>
    </section>
  )
}

function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`
}

import type { Histogram, Kpi, Kpis, Options, RateMeasure } from '#api'
import { question, useAnswer } from '../ask.ts'
import { Empty, FaultNote, Loading } from '../figure.tsx'
import { count, percent, points, respondentNouns, respondentOf, schools, schoolYear } from '../format.ts'
import { drillHref, hrefWith } from '../route.ts'
import { HistogramFigure, PlacesFigure } from './overview-figures.tsx'

export function Overview({ options }: { options: Options }) {
  const { data, fault, loading } = useAnswer<Kpis>(question('kpis'))
  if (fault) return <FaultNote fault={fault} />
  if (data === undefined) return <Loading what="the key figures" height={480} />
  const landed = options.years.find(({ year }) => year === data.year)
  const withRates = options.years.find(({ rates }) => rates.length > 0)
  if (data.schools === 0) {
    return (
      <Empty title="No school matches these filters.">
        <p>
          <a href={hrefWith({ borough: null, district: null, program: null })}>Clear the filters</a>
        </p>
      </Empty>
    )
  }
  if (landed !== undefined && landed.rates.length === 0) {
    return (
      <>
        <h1>No response rates were published for {schoolYear(data.year)}</h1>
        <Empty title={`The ${schoolYear(data.year)} file holds the share of positive answers, and no rates.`}>
          <p>
            See its measures in the <a href={`/heatmap?year=${data.year}`}>heatmap</a>
            {withRates && (
              <>
                , or the response rates of{' '}
                <a href={hrefWith({ year: String(withRates.year) })}>{schoolYear(withRates.year)}</a>
              </>
            )}
            .
          </p>
        </Empty>
      </>
    )
  }
  return (
    <>
      <Lede data={data} />
      <div class={`kpis ${loading ? 'stale' : ''}`}>
        {data.kpis.map((kpi) => (
          <KpiCard kpi={kpi} data={data} />
        ))}
      </div>
      <div class="columns-wide">
        <HistogramFigure />
        <PlacesFigure />
      </div>
    </>
  )
}

function Lede({ data }: { data: Kpis }) {
  const student = data.kpis.find(({ measure }) => measure === 'student_response_rate')
  return (
    <header class="lede">
      <p class="kicker">NYC School Survey · who answers?</p>
      {student?.mean != null && student.n !== null && student.missing !== null ? (
        <>
          <h1>
            The average school heard from {percent(student.mean, 0)} of the students it asked.{' '}
            {percent(student.missing / data.schools, 0)} of schools published no student rate at all.
          </h1>
          <p class="standfirst">
            {schoolYear(data.year)}, {schools(data.schools)}. Students are asked in grades 6 to 12 only; a school
            without those grades has no student rate. Missing is not zero.
          </p>
        </>
      ) : (
        <>
          <h1>Too few of these schools published a student response rate to speak of an average.</h1>
          <p class="standfirst">
            {schoolYear(data.year)}, {schools(data.schools)}. Averages of fewer than five schools are withheld.
          </p>
        </>
      )}
    </header>
  )
}

function KpiCard({ kpi, data }: { kpi: Kpi; data: Kpis }) {
  const who = respondentOf[kpi.measure]
  const rows = (state: string) => drillHref({ of: 'schools', measure: kpi.measure, state })
  return (
    <article class={`kpi ${who}`}>
      <h2>
        <span class="swatch" aria-hidden="true" />
        {kpi.label}
      </h2>
      <p class="big">{kpi.mean === null ? '–' : percent(kpi.mean)}</p>
      {kpi.state === 'suppressed' ? (
        <p class="of">Withheld: fewer than five schools have a rate.</p>
      ) : (
        <p class="of">
          {kpi.state === 'missing' ? 'No rate published · ' : 'mean of '}
          <a href={rows('present')}>{schools(kpi.n ?? 0)}</a>
          {' · '}
          <a href={rows('missing')}>{count(kpi.missing ?? 0)} missing</a>
        </p>
      )}
      <Spark measure={kpi.measure} />
      <dl>
        <div>
          <dt>Middle half of schools</dt>
          <dd>{kpi.p25 === null || kpi.p75 === null ? '–' : `${percent(kpi.p25, 0)} to ${percent(kpi.p75, 0)}`}</dd>
        </div>
        <div>
          <dt>Change</dt>
          <dd>
            {kpi.previous === null ? (
              'No comparable year'
            ) : (
              <>
                {points(kpi.previous.change)} points
                <small>
                  {' '}
                  from {percent(kpi.previous.mean)} in {schoolYear(kpi.previous.year)}, {schools(kpi.previous.n)}
                </small>
              </>
            )}
          </dd>
        </div>
      </dl>
      <p class="caption">
        {data.sample && <strong class="sample-mark">Sample data</strong>}
        <span>
          Percent of {respondentNouns[who]} asked, {schoolYear(data.year)}
        </span>
      </p>
    </article>
  )
}

/** The spread behind the mean, small: a mean alone hides who is far from it. */
function Spark({ measure }: { measure: RateMeasure }) {
  const { data } = useAnswer<Histogram>(question('histogram', { measure }))
  const bins = data?.bins ?? []
  const most = Math.max(1, ...bins.map(({ n }) => n))
  return (
    <svg class="spark" viewBox="0 0 200 36" preserveAspectRatio="none" aria-hidden="true">
      {bins.map(({ bin, n }) => (
        <rect x={bin * 10 + 0.75} width={8.5} y={35 - (n / most) * 34} height={(n / most) * 34} />
      ))}
      <line x1="0" x2="200" y1="35.5" y2="35.5" />
    </svg>
  )
}

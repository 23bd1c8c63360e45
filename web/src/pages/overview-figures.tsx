import type { Histogram, RateMeasure, Summaries } from '#api'
import { question, useAnswer } from '../ask.ts'
import { Chart } from '../chart/chart.tsx'
import { histogramChart } from '../chart/histogram.ts'
import { placesChart } from '../chart/places.ts'
import { AsTable, Caption, FaultNote, Figure, Loading, Switch } from '../figure.tsx'
import { count, percent, respondentNouns, respondentOf } from '../format.ts'
import { drillHref, figureKey, parameter } from '../route.ts'

const measures = [
  { value: 'student_response_rate', label: 'Students' },
  { value: 'teacher_response_rate', label: 'Teachers' },
  { value: 'parent_response_rate', label: 'Parents' },
] as const

function chosenMeasure(): RateMeasure {
  return measures.find(({ value }) => value === parameter('measure'))?.value ?? 'student_response_rate'
}

export function HistogramFigure() {
  const measure = chosenMeasure()
  const who = respondentOf[measure]
  const { data, fault, loading } = useAnswer<Histogram>(question('histogram', { measure }))
  return (
    <Figure
      class="histogram"
      busy={loading}
      title={`How many schools hear from how many of their ${respondentNouns[who]}`}
      dek={`Each bar: schools whose ${who} response rate falls in that five-point step. Choose a bar to see them.`}
      controls={<Switch label="Who answers" options={measures} value={measure} name="measure" />}
      caption={
        data && (
          <Caption
            of={data}
            unit={`percent of ${respondentNouns[who]} asked`}
            year={data.year}
            n={data.n}
            missing={data.missing}
            missingWords="without a rate"
            more={<span>{count(data.zeros)} published 0%</span>}
          />
        )
      }
    >
      {fault ? (
        <FaultNote fault={fault} />
      ) : data === undefined ? (
        <Loading what="the histogram" />
      ) : (
        <>
          <Chart
            label={`Histogram of ${who} response rates: ${count(data.n ?? 0)} schools, median ${data.median === null ? 'withheld' : percent(data.median, 0)}`}
            of={`${data.publication} ${figureKey()} ${measure} ${loading}`}
            draw={(width) => histogramChart(data, who, width)}
          />
          <AsTable of="schools by response rate">
            <table class="plain">
              <thead>
                <tr>
                  <th scope="col">Response rate</th>
                  <th scope="col" class="num">
                    Schools
                  </th>
                </tr>
              </thead>
              <tbody>
                {data.bins.map(({ bin, from, to, n }) => (
                  <tr>
                    <th scope="row">
                      {percent(from, 0)} to {bin === 19 ? '100%' : `under ${percent(to, 0)}`}
                    </th>
                    <td class="num">
                      <a href={drillHref({ of: 'schools', measure, bin })}>{count(n)}</a>
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </AsTable>
        </>
      )}
    </Figure>
  )
}

export function PlacesFigure() {
  const measure = chosenMeasure()
  const who = respondentOf[measure]
  const by = parameter('by') === 'district' ? 'district' : 'borough'
  const { data, fault, loading } = useAnswer<Summaries>(question('summaries', { measure, by }))
  const places = data?.places ?? []
  const known = places.flatMap(({ n }) => (n === null ? [] : [n]))
  return (
    <Figure
      class="places"
      busy={loading}
      title={`Where the ${who} rate is high and low`}
      dek={
        <>
          <span class="mark-mean" aria-hidden="true" /> mean of schools, <span class="mark-half" aria-hidden="true" />{' '}
          middle half of schools, <span class="mark-weighted" aria-hidden="true" /> weighted by students where enrolment
          is known.
        </>
      }
      controls={
        <Switch
          label="Kind of place"
          options={[
            { value: 'borough', label: 'Boroughs' },
            { value: 'district', label: 'Districts' },
          ]}
          value={by}
          name="by"
        />
      }
      caption={
        data && (
          <Caption
            of={data}
            unit={`percent of ${respondentNouns[who]} asked`}
            year={data.year}
            n={known.reduce((sum, n) => sum + n, 0)}
            more={<span>n of each place beside it</span>}
          />
        )
      }
    >
      {fault ? (
        <FaultNote fault={fault} />
      ) : data === undefined ? (
        <Loading what="the places" />
      ) : (
        <>
          <Chart
            label={`${who} response rate by ${by}`}
            of={`${data.publication} ${figureKey()} ${measure} ${by} ${loading}`}
            draw={(width) => placesChart(data, who, width)}
          />
          <AsTable of="response rates by place">
            <table class="plain">
              <thead>
                <tr>
                  <th scope="col">Place</th>
                  <th scope="col" class="num">
                    n
                  </th>
                  <th scope="col" class="num">
                    Missing
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
                </tr>
              </thead>
              <tbody>
                {data.places.map((place) => (
                  <tr>
                    <th scope="row">{place.label}</th>
                    <td class="num">{place.n ?? 'withheld'}</td>
                    <td class="num">{place.missing ?? '–'}</td>
                    <td class="num">{place.mean === null ? '–' : percent(place.mean)}</td>
                    <td class="num">{place.studentWeightedMean === null ? '–' : percent(place.studentWeightedMean)}</td>
                    <td class="num">{place.median === null ? '–' : percent(place.median, 0)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </AsTable>
        </>
      )}
    </Figure>
  )
}

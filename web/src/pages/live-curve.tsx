import type { LiveRate, LiveRespondent } from '#api'
import { boroughName } from '../boroughs.ts'
import { Chart } from '../chart/chart.tsx'
import { curveChart, curveWords } from '../chart/curve.ts'
import type { Grid, Line, Span } from '../chart/live-lines.ts'
import { gridOf, linesOf, mostPoints } from '../chart/live-lines.ts'
import { Empty, Figure, Scroll, Switch } from '../figure.tsx'
import { capital, clock, count, intervalWords, percent, respondentNouns, schools, schoolYear } from '../format.ts'
import { figureKey, listParameter, parameter } from '../route.ts'
import { stream } from '../stream.ts'
import { useState } from '../view.ts'
import { chosenRespondents, LiveCaption } from './live-words.tsx'

const tablePoints = 12

export function CurveFigure() {
  const about = stream.about.value
  const curve = stream.curve.value
  const boroughs = listParameter('borough')
  const who = chosenRespondents()
  const span: Span = parameter('span') === 'season' ? 'season' : 'recent'
  const seconds = about?.intervalSeconds ?? 1
  const grid = gridOf(curve, seconds, span)
  const panels =
    grid === undefined
      ? []
      : who.map((respondent) => ({ respondent, lines: linesOf(curve, { respondent, boroughs }, grid) }))
  const events = panels
    .flatMap(({ lines }) => lines.flatMap(({ points }) => points))
    .reduce((sum, point) => sum + point.events, 0)
  const finalYear = about?.finalYear ?? null
  return (
    <Figure
      class="curve"
      title="How many have answered, as schools report"
      dek={
        <>
          Each point adds up the reports that schools made in{' '}
          {grid === undefined || grid.merged === 1
            ? `one interval of ${intervalWords(seconds)}`
            : `${grid.merged} intervals of ${intervalWords(seconds)}`}
          : answers per person invited. A ring is still filling.
          {finalYear !== null && (
            <>
              {' '}
              <span class="mark-final" aria-hidden="true" /> Dashed: the final rate of {schoolYear(finalYear)}.
            </>
          )}
        </>
      }
      controls={
        (grid?.intervals ?? 0) > mostPoints && (
          <Switch
            label="Span of the curve"
            name="span"
            value={span}
            options={[
              { value: 'recent', label: `Newest ${mostPoints} intervals` },
              { value: 'season', label: 'Since the beginning' },
            ]}
          />
        )
      }
      caption={
        <>
          <LiveCaption unit="percent of people invited" n={`${count(events)} events shown`} />
          {grid !== undefined && grid.intervals > mostPoints && (
            <span>
              {count(grid.intervals)} intervals in all,{' '}
              {span === 'recent' ? `the newest ${mostPoints} drawn` : `${grid.merged} in one point`}
            </span>
          )}
        </>
      }
    >
      <p class="caveat">
        <strong>One point is not a poll.</strong> It is of the schools that happened to report just then, large ones
        weighing more; a school that reported twice counts twice. It is no sample of people, so a line that moves may
        say only that other schools reported.
      </p>
      {grid === undefined || events === 0 ? (
        <Empty title="No event of these groups has been counted yet." />
      ) : (
        <>
          <div class={`multiples of-${panels.length}`}>
            {panels.map(({ respondent, lines }) => (
              <Panel key={respondent} respondent={respondent} lines={lines} grid={grid} finalYear={finalYear} />
            ))}
          </div>
          {finalYear !== null && (
            <p class="weighting">
              {schoolYear(finalYear)} finals: the published rates of the schools that have reported, each weighted by
              how many it has invited this season. A school without a published rate is left out of them.
            </p>
          )}
          <Numbers panels={panels} />
        </>
      )}
    </Figure>
  )
}

interface PanelProps {
  readonly respondent: LiveRespondent
  readonly lines: readonly Line[]
  readonly grid: Grid
  readonly finalYear: number | null
}

function Panel({ respondent, lines, grid, finalYear }: PanelProps) {
  const shown = new Set(lines.map(({ borough }) => borough))
  const finals = stream.rates.value.filter(
    (rate): rate is LiveRate & { final: number } =>
      rate.respondent === respondent && rate.final !== null && shown.has(rate.borough),
  )
  const words = finalYear === null ? '' : `${schoolYear(finalYear)} ${finals.length === 1 ? 'final' : 'finals'}`
  const drawn = JSON.stringify([
    lines,
    finals.map(({ borough, final }) => [borough, final.toFixed(3)]),
    grid,
    figureKey(),
  ])
  return (
    <section class={`multiple ${respondent}`}>
      <h3>
        <span class="swatch" aria-hidden="true" />
        {capital(respondentNouns[respondent])}
      </h3>
      {lines.length === 0 ? (
        <p class="none">No reports in this span.</p>
      ) : (
        <Chart
          label={`Share of ${respondentNouns[respondent]} who have answered, newest point: ${curveWords(lines)}`}
          of={drawn}
          draw={(width) => curveChart(lines, finals, words, grid, width)}
        />
      )}
      {finals.length > 0 && finalYear !== null && (
        <ul class="finals" aria-label={`Final rates of ${schoolYear(finalYear)}`}>
          {finals.map(({ borough, final, finalSchools }) => (
            <li key={borough} class={`borough-${borough.toLowerCase()}`}>
              <span class="mark-final" aria-hidden="true" />
              <span>{boroughName(borough)}</span> <b>{percent(final)}</b> <small>{schools(finalSchools)}</small>
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}

/** The newest points in numbers, made only while somebody reads them. */
function Numbers({ panels }: { panels: readonly { respondent: LiveRespondent; lines: readonly Line[] }[] }) {
  const [open, setOpen] = useState(false)
  const rows = open
    ? panels.flatMap(({ respondent, lines }) =>
        lines.flatMap(({ borough, points }) =>
          points.slice(-tablePoints).map((point) => ({ respondent, borough, ...point })),
        ),
      )
    : []
  rows.sort((a, b) => b.at - a.at)
  return (
    <details class="as-table" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Show the newest numbers as a table</summary>
      {open && (
        <Scroll class="scroll-x" label="Numbers of the figure">
          <table class="plain">
            <thead>
              <tr>
                <th scope="col">Interval from</th>
                <th scope="col">Who</th>
                <th scope="col">Borough</th>
                <th scope="col" class="num">
                  Events
                </th>
                <th scope="col" class="num">
                  Invited
                </th>
                <th scope="col" class="num">
                  Responded
                </th>
                <th scope="col" class="num">
                  Rate
                </th>
              </tr>
            </thead>
            <tbody>
              {rows.map(({ respondent, borough, at, events, invited, responded, rate }) => (
                <tr key={`${at} ${respondent} ${borough}`}>
                  <th scope="row">{clock(at)}</th>
                  <td>{respondentNouns[respondent]}</td>
                  <td>{boroughName(borough)}</td>
                  <td class="num">{count(events)}</td>
                  <td class="num">{count(invited)}</td>
                  <td class="num">{count(responded)}</td>
                  <td class="num">{percent(rate)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
    </details>
  )
}

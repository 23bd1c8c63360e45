import type { HeatCell, Heatmap, MeasureChoice, Options, Scale } from '#api'
import { question, useAnswer } from '../ask.ts'
import { Empty, FaultNote, Figure, Loading, Switch } from '../figure.tsx'
import { capital, count, schools, schoolYear, unitWords, value } from '../format.ts'
import { drillHref, hrefWith, parameter } from '../route.ts'
import { useRef } from '../view.ts'

const scaleWords: Readonly<Record<Scale, string>> = {
  rate: 'Response rates',
  score_1_5: 'Scores, 1 to 5',
  percent_positive: 'Percent positive',
}

const respondents: Readonly<Record<string, string>> = {
  student: 'Students',
  teacher: 'Teachers',
  family: 'Families',
  school: 'School',
}

export function HeatmapPage({ options }: { options: Options }) {
  const year = Number(parameter('year') ?? options.defaultYear ?? 0)
  const landed = options.years.find((choice) => choice.year === year)?.scales ?? []
  const scale = landed.find((candidate) => candidate === parameter('scale')) ?? landed[0] ?? 'rate'
  const asked = [
    ...new Set(
      options.measures
        .filter((measure) => measure.scale === scale && measure.years.includes(year))
        .map(({ respondent }) => respondent),
    ),
  ]
  const respondent =
    scale === 'percent_positive'
      ? (asked.find((candidate) => candidate === parameter('respondent')) ?? preferred(asked))
      : undefined
  const by = parameter('by') === 'borough' ? 'borough' : 'district'
  const { data, fault, loading } = useAnswer<Heatmap>(question('heatmap', { scale, respondent, by }))
  if (fault) return <FaultNote fault={fault} />
  return (
    <>
      <header class="lede">
        <p class="kicker">District by measure</p>
        <h1>How is it there? {schoolYear(year)}</h1>
        <p class="standfirst">
          Means of schools, each school one. One scale at a time: a rate, a score and a percentage are never coloured,
          or averaged, together.
        </p>
      </header>
      {landed.length === 0 ? (
        <Empty title="No measure was published for this year." />
      ) : (
        <Figure
          class="heat"
          busy={loading}
          title={`${scaleWords[scale]}${respondent ? `: what ${respondents[respondent]?.toLowerCase() ?? respondent} say` : ''}`}
          dek={
            <>
              Choose a cell to see its schools. <span class="keys">Arrow keys move between cells.</span>
            </>
          }
          controls={
            <>
              {landed.length > 1 && (
                <Switch
                  label="Scale"
                  name="scale"
                  value={scale}
                  options={landed.map((one) => ({ value: one, label: scaleWords[one] }))}
                />
              )}
              {respondent !== undefined && asked.length > 1 && (
                <Switch
                  label="Respondent"
                  name="respondent"
                  value={respondent}
                  options={asked.map((one) => ({ value: one, label: respondents[one] ?? capital(one) }))}
                />
              )}
              <Switch
                label="Kind of place"
                name="by"
                value={by}
                options={[
                  { value: 'district', label: 'Districts' },
                  { value: 'borough', label: 'Boroughs' },
                ]}
              />
            </>
          }
          caption={data && <HeatCaption data={data} />}
        >
          {data === undefined ? (
            <Loading what="the heatmap" height={600} />
          ) : (
            <>
              <Legend data={data} />
              <HeatTable data={data} by={by} measures={shownMeasures(data)} />
              <Unshown data={data} />
            </>
          )}
        </Figure>
      )}
    </>
  )
}

function preferred(asked: readonly string[]): string | undefined {
  return asked.includes('student') ? 'student' : asked[0]
}

function HeatCaption({ data }: { data: Heatmap }) {
  const n = Math.max(0, ...data.all.map((cell) => cell.n ?? 0))
  return (
    <>
      {data.sample && <strong class="sample-mark">Sample data</strong>}
      <span>Unit: {unitWords(data.unit)}</span>
      <span>School year {schoolYear(data.year)}</span>
      <span>n = up to {schools(n)} a measure, of each cell in its label</span>
      <span>Publication {data.publication}</span>
    </>
  )
}

function Legend({ data }: { data: Heatmap }) {
  return (
    <ul class={`legend ${data.scale}`} aria-label="Legend">
      {data.ramp && (
        <li class="ramp">
          <span>{value(data.ramp.low, data.scale)}</span>
          <i aria-hidden="true" />
          <span>{value(data.ramp.high, data.scale)}</span>
        </li>
      )}
      <li>
        <i class="key suppressed" aria-hidden="true" /> withheld: fewer than five schools, or would give such a group
        away
      </li>
      <li>
        <i class="key missing" aria-hidden="true">
          –
        </i>{' '}
        no school has a value
      </li>
    </ul>
  )
}

/** A column that has no value anywhere says it in a line; where none has one, the table says it. */
function shownMeasures(data: Heatmap): readonly number[] {
  const all = data.measures.map((_, column) => column)
  const some = all.filter((column) => data.rows.some(({ cells }) => cells[column]?.state === 'value'))
  return some.length === 0 ? all : some
}

function Unshown({ data }: { data: Heatmap }) {
  const shown = shownMeasures(data)
  const rest = data.measures.filter((_, column) => !shown.includes(column))
  if (rest.length === 0) return null
  return (
    <p class="dek">
      No place has five schools with a value of:{' '}
      {rest.map((measure, i) => (
        <>
          {i > 0 && ', '}
          <a href={drillHref({ of: 'measures', measure: measure.id })}>{headOf(measure)}</a>
        </>
      ))}
      .
    </p>
  )
}

interface HeatTableProps {
  readonly data: Heatmap
  readonly by: 'district' | 'borough'
  /** Places in `data.measures` of the columns to show. */
  readonly measures: readonly number[]
}

function HeatTable({ data, by, measures }: HeatTableProps) {
  const table = useRef<HTMLTableElement>(null)
  const active = useRef({ row: 0, column: 0 })
  const shape = measures.length > 9 ? 'upright' : measures.length > 4 ? 'many' : 'few'
  const heads = measures.flatMap((column) => data.measures[column] ?? [])

  /** One tab stop for the whole table; arrows move inside it. */
  function onKey(event: KeyboardEvent): void {
    const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key]
    const cell = event.target instanceof HTMLElement ? event.target.closest<HTMLElement>('[data-cell]') : null
    if (step === undefined || cell === null) return
    const [row = 0, column = 0] = (cell.dataset.cell ?? '').split(' ').map(Number)
    const next = table.current?.querySelector<HTMLElement>(
      `[data-cell="${row + (step[0] ?? 0)} ${column + (step[1] ?? 0)}"]`,
    )
    if (!next) return
    event.preventDefault()
    cell.tabIndex = -1
    next.tabIndex = 0
    active.current = { row: row + (step[0] ?? 0), column: column + (step[1] ?? 0) }
    next.focus()
    next.scrollIntoView({ block: 'nearest', inline: 'nearest' })
  }

  return (
    <div class="scroll-x">
      <table class={`heat-table ${data.scale} ${shape}`} ref={table} onKeyDown={onKey}>
        <thead>
          <tr>
            <th scope="col">{capital(by)}</th>
            {heads.map((measure) => (
              <th scope="col" title={measure.definition ?? undefined}>
                <span>{headOf(measure)}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {data.rows.map(({ place, label, cells }, row) => (
            <tr>
              <th scope="row">
                <a href={hrefWith({ [by]: place, rows: null })} title={`Only ${label}`}>
                  {label}
                </a>
              </th>
              {heads.map((measure, column) => (
                <Cell
                  cell={cells[measures[column] ?? -1] ?? absent}
                  data={data}
                  measure={measure}
                  label={label}
                  href={drillHref({ of: 'measures', measure: measure.id, [by]: place })}
                  at={`${row} ${column}`}
                  focusable={row === active.current.row && column === active.current.column}
                />
              ))}
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">All shown</th>
            {measures
              .map((column) => data.all[column] ?? absent)
              .map((cell) => (
                <td class={cell.state}>
                  {cell.mean === null ? '–' : value(cell.mean, data.scale).replace('%', '')}
                  <small>{cell.n === null ? 'n < 5' : `n ${count(cell.n)}`}</small>
                </td>
              ))}
          </tr>
        </tfoot>
      </table>
    </div>
  )
}

const absent: HeatCell = { n: 0, mean: null, state: 'missing' }

interface CellProps {
  readonly cell: HeatCell
  readonly data: Heatmap
  readonly measure: MeasureChoice
  readonly label: string
  readonly href: string
  readonly at: string
  readonly focusable: boolean
}

function Cell({ cell, data, measure, label, href, at, focusable }: CellProps) {
  const { ramp } = data
  const share =
    cell.mean === null || ramp === null || ramp.high === ramp.low
      ? 0.5
      : (cell.mean - ramp.low) / (ramp.high - ramp.low)
  const said =
    cell.state === 'value' && cell.mean !== null
      ? `${value(cell.mean, data.scale)}, ${schools(cell.n ?? 0)}`
      : cell.state === 'suppressed'
        ? 'withheld'
        : 'no school has a value'
  return (
    <td class={cell.state} style={{ '--share': share.toFixed(3) }}>
      <a
        href={href}
        data-cell={at}
        tabIndex={focusable ? 0 : -1}
        aria-label={`${label}, ${headOf(measure)}: ${said}`}
        title={said}
      >
        {cell.state === 'value' && cell.mean !== null
          ? value(cell.mean, data.scale).replace('%', '')
          : cell.state === 'suppressed'
            ? ''
            : '–'}
      </a>
    </td>
  )
}

function headOf({ scale, respondent, construct }: MeasureChoice): string {
  return scale === 'rate' ? (respondents[respondent] ?? respondent) : construct
}

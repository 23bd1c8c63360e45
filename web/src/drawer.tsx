import type { ApiFault, Options, Rows } from '#api'
import { ask } from './ask.ts'
import { heading, isNumber, shown } from './cells.tsx'
import { Empty, FaultNote, Loading, Scroll } from './figure.tsx'
import { count, schoolYear, words } from './format.ts'
import { published } from './live.ts'
import { go, hrefWith, parameter, slicerNames } from './route.ts'
import { useEffect, useRef, useState } from './view.ts'

const pageRows = 100

/** Columns that say the same in every row of a drill-down are in its title instead. */
const quiet = new Set([
  'source',
  'event_ts',
  'ingest_ts',
  'partition',
  'topic',
  'contract',
  'measure',
  'svi_theme1',
  'svi_theme2',
  'svi_theme3',
  'svi_theme4',
])

/** The rows behind a figure, opened by the address, so that they can be sent to another. */
export function Drawer({ options }: { options: Options }) {
  const drill = parameter('rows')
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    const element = dialog.current
    if (element === null) return
    if (drill !== undefined && !element.open) element.showModal()
    if (drill === undefined && element.open) element.close()
  }, [drill])
  const close = () => {
    if (parameter('rows') !== undefined) go(hrefWith({ rows: null }))
  }
  return (
    <dialog
      class="drawer"
      ref={dialog}
      aria-labelledby="drawer-title"
      onClose={close}
      onClick={(event) => {
        if (event.target === dialog.current) close()
      }}
      onKeyDown={(event) => {
        if (event.key === 'Escape') event.stopPropagation()
      }}
    >
      {drill !== undefined && <RowsOfFigure drill={drill} options={options} close={close} />}
    </dialog>
  )
}

function RowsOfFigure({ drill, options, close }: { drill: string; options: Options; close: () => void }) {
  const asked = askedRows(drill)
  const path = asked.toString()
  const run = published.value?.publication?.runId
  const [pages, setPages] = useState<readonly Rows[]>([])
  const [fault, setFault] = useState<ApiFault | undefined>(undefined)

  async function more(offset: number, signal?: AbortSignal): Promise<void> {
    const answer = await ask<Rows>(`rows?${path}&offset=${offset}&limit=${pageRows}`, signal)
    if (signal?.aborted) return
    if ('fault' in answer) setFault(answer.fault)
    else setPages((before) => (offset === 0 ? [answer.data] : [...before, answer.data]))
  }

  useEffect(() => {
    const stop = new AbortController()
    setPages([])
    setFault(undefined)
    void more(0, stop.signal)
    return () => stop.abort()
  }, [path, run])

  const [first] = pages
  const rows = pages.flatMap((page) => page.rows)
  return (
    <div class="drawer-inner">
      <header class="drawer-head">
        <div>
          <p class="kicker">The rows behind the figure{first?.sample ? ' · Sample data' : ''}</p>
          <h2 id="drawer-title">{titleOf(asked, options, first)}</h2>
          <p class="dek">
            {first ? `${count(first.total)} ${first.total === 1 ? 'row' : 'rows'}` : 'Counting…'}
            {subtitleOf(asked, options)}
          </p>
        </div>
        <button type="button" class="close" onClick={close}>
          <span aria-hidden="true">×</span>
          <span class="visually-hidden">Close</span>
        </button>
      </header>
      <p class="downloads">
        <a class="button" href={`/api/v1/rows?${path}&format=csv`} download>
          Download CSV
        </a>
        <a class="button" href={`/api/v1/rows?${path}&format=parquet`} download>
          Download Parquet
        </a>
      </p>
      {fault ? (
        <FaultNote fault={fault} />
      ) : first === undefined ? (
        <Loading what="rows" />
      ) : first.total === 0 ? (
        <Empty title="No rows match." />
      ) : (
        <>
          <RowTable
            page={first}
            rows={rows}
            options={options}
            measure={asked.get('of') === 'measures' ? 'value' : asked.get('measure')}
            hide={asked.has('dbn') ? ['dbn', 'school_name', 'borough', 'district', 'program'] : []}
          />
          {rows.length < first.total && (
            <p class="more">
              <button type="button" class="button" onClick={() => void more(rows.length)}>
                Show more
              </button>{' '}
              {count(rows.length)} of {count(first.total)} rows
            </p>
          )}
        </>
      )}
    </div>
  )
}

interface RowTableProps {
  readonly page: Rows
  readonly rows: Rows['rows']
  readonly options: Options
  readonly hide: readonly string[]
  /** Column that the figure is about. */
  readonly measure: string | null
}

function RowTable({ page, rows, options, hide, measure }: RowTableProps) {
  const columns = page.columns
    .map((column, index) => ({ ...column, index }))
    .filter(({ name, index }) => {
      if (hide.includes(name) || (page.of !== 'silver' && quiet.has(name))) return false
      if (name === 'school_year' && hide.length === 0 && page.of !== 'silver') return false
      return page.of === 'silver' || rows.some((row) => row[index] !== null)
    })
  // What the figure is about stands beside the school, where a narrow screen shows it too.
  const about = columns.findIndex(({ name }) => name === measure)
  const schoolAt = columns.findIndex(({ name }) => name === 'school_name')
  if (about > schoolAt && schoolAt >= 0) columns.splice(schoolAt + 1, 0, ...columns.splice(about, 1))
  const scaleAt = page.columns.findIndex(({ name }) => name === 'scale')
  return (
    <Scroll class="scroll-xy" label="Rows">
      <table class="rows">
        <thead>
          <tr>
            {columns.map(({ name, type }) => (
              <th scope="col" class={isNumber(type) ? 'num' : ''}>
                {heading(name)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr>
              {columns.map(({ name, type, index }) => (
                <td class={isNumber(type) ? 'num' : name === 'school_name' || name === 'message' ? 'wide' : ''}>
                  {shown(row[index] ?? null, name, row[scaleAt] ?? null, options)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  )
}

/** A figure's own terms, under the slicers where these are about schools and the figure does not say otherwise. */
function askedRows(drill: string): URLSearchParams {
  const asked = new URLSearchParams(drill)
  if (!['schools', 'measures', 'vulnerability'].includes(asked.get('of') ?? 'schools') || asked.has('dbn')) return asked
  for (const name of slicerNames) {
    const value = parameter(name)
    if (value !== undefined && !asked.has(name)) asked.set(name, value)
  }
  return asked
}

function titleOf(asked: URLSearchParams, options: Options, first: Rows | undefined): string {
  const of = asked.get('of')
  const dbn = asked.get('dbn')
  if (dbn !== null) {
    const at = first?.columns.findIndex(({ name }) => name === 'school_name') ?? -1
    return String(first?.rows[0]?.[at] ?? dbn)
  }
  if (of === 'quarantine') return `Quarantined${asked.has('rule') ? `: ${words(asked.get('rule') ?? '')}` : ' records'}`
  if (of === 'displaced') return asked.get('fate') === 'duplicate' ? 'Duplicates' : 'Superseded records'
  if (of === 'silver') return `Clean rows of ${words(asked.get('dataset') ?? '')}`
  const bin = asked.get('bin')
  const state = asked.get('state')
  const measure = asked.get('measure')
  const said = measure === null ? '' : measureWords(measure, options)
  if (bin !== null)
    return `${said}: ${Number(bin) * 5}% to ${Number(bin) === 19 ? '100%' : `under ${Number(bin) * 5 + 5}%`}`
  const bucket = asked.get('bucket')
  const place = bucket === null ? '' : ` · ${bucket} vulnerability`
  if (state === 'missing') return `No ${said.toLowerCase()} published${place}`
  return `${said || 'Schools'}${place}`
}

function subtitleOf(asked: URLSearchParams, options: Options): string {
  if (['quarantine', 'displaced', 'silver'].includes(asked.get('of') ?? '')) {
    const source = asked.get('source')
    return [asked.get('dataset') && words(asked.get('dataset') ?? ''), source && `source ${source.slice(0, 10)}`]
      .flatMap((part) => (part ? [` · ${part}`] : []))
      .join('')
  }
  const dbn = asked.get('dbn')
  if (dbn !== null) return ` · ${dbn} · every measure of every year landed`
  const year = asked.get('year') ?? options.defaultYear
  const names = [
    ...labels(asked.get('borough'), options.boroughs),
    ...labels(asked.get('district'), options.districts),
    ...labels(asked.get('program'), options.programs),
  ]
  const vintage = asked.get('vintage')
  return ` · ${schoolYear(Number(year))}${vintage ? ` · SVI ${vintage}` : ''}${names.map((name) => ` · ${name}`).join('')}`
}

function labels(list: string | null, choices: Options['boroughs']): readonly string[] {
  return (list?.split(',') ?? []).map((value) => choices.find((choice) => choice.value === value)?.label ?? value)
}

function measureWords(id: string, options: Options): string {
  const measure = options.measures.find((candidate) => candidate.id === id)
  if (measure === undefined) return words(id)
  if (measure.scale === 'rate')
    return `${measure.respondent === 'family' ? 'Parent' : measure.respondent === 'student' ? 'Student' : 'Teacher'} response rate`
  return measure.respondent === 'school' ? measure.construct : `${measure.construct} (${measure.respondent})`
}

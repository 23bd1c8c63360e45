import type { ApiCell, Options, Rows } from '#api'
import { question, useAnswer } from '../ask.ts'
import { heading, shown } from '../cells.tsx'
import { Caption, Empty, FaultNote, Figure, Loading } from '../figure.tsx'
import { count, schools, schoolYear } from '../format.ts'
import { drillHref, go, hrefWith, parameter } from '../route.ts'
import { useEffect, useMemo, useRef, useState } from '../view.ts'

const most = 5_000
const rowPx = 46
const overscan = 10

const shownColumns = [
  'school_name',
  'borough',
  'district',
  'program',
  'student_response_rate',
  'teacher_response_rate',
  'parent_response_rate',
  'trust_score',
  'collaborative_teachers_score',
  'effective_school_leadership_score',
  'rigorous_instruction_score',
  'supportive_environment_score',
  'strong_family_community_ties_score',
] as const

export function SchoolsPage({ options }: { options: Options }) {
  const { data, fault, loading } = useAnswer<Rows>(question('schools', { limit: String(most) }))
  const year = Number(parameter('year') ?? options.defaultYear ?? 0)
  if (fault) return <FaultNote fault={fault} />
  return (
    <>
      <header class="lede">
        <p class="kicker">Response by school</p>
        <h1>
          {data ? schools(data.total) : 'Schools'}, {schoolYear(year)}
        </h1>
        <p class="standfirst">
          What each school published, as published. A dash is a value that is missing; a zero is a published zero.
          Choose a school for every measure of every year.
        </p>
      </header>
      {data === undefined ? (
        <Loading what="the schools" height={600} />
      ) : (
        <SchoolTable data={data} options={options} year={year} busy={loading} />
      )}
    </>
  )
}

interface TableProps {
  readonly data: Rows
  readonly options: Options
  readonly year: number
  readonly busy: boolean
}

function SchoolTable({ data, options, year, busy }: TableProps) {
  const sort = parameter('sort') ?? 'school_name'
  const order = parameter('order') === 'desc' ? 'desc' : 'asc'
  const search = (parameter('search') ?? '').toLowerCase()
  const at = useMemo(() => new Map(data.columns.map(({ name }, index) => [name, index])), [data])
  const dbnAt = at.get('dbn') ?? 0
  const nameAt = at.get('school_name') ?? 0

  const rows = useMemo(() => {
    const found =
      search === ''
        ? data.rows
        : data.rows.filter((row) => `${row[nameAt]} ${row[dbnAt]}`.toLowerCase().includes(search))
    const index = at.get(sort) ?? nameAt
    return [...found].sort(
      (a, b) =>
        compare(a[index] ?? null, b[index] ?? null, order) || compare(a[dbnAt] ?? null, b[dbnAt] ?? null, 'asc'),
    )
  }, [data, search, sort, order])

  const rated = rows.filter((row) => row[at.get('student_response_rate') ?? -1] !== null).length
  return (
    <Figure
      class="schools"
      busy={busy}
      title="Every school"
      dek={
        <>
          <span class="keys">Arrow keys move between schools, Enter opens one. </span>
          {data.total > most && <strong>The first {count(most)} are listed: narrow the filters for the rest.</strong>}
        </>
      }
      controls={
        <label class="search">
          <span class="visually-hidden">Search by name or DBN</span>
          <input
            type="search"
            placeholder="Search by name or DBN"
            value={parameter('search') ?? ''}
            onInput={(event) => go(hrefWith({ search: event.currentTarget.value }), { replace: true })}
          />
        </label>
      }
      caption={
        <Caption
          of={data}
          unit="rates in percent of those asked, scores from 1 to 5"
          year={year}
          n={rows.length}
          missing={rows.length - rated}
          missingWords="without a student rate"
        />
      }
    >
      {rows.length === 0 ? (
        <Empty title={search === '' ? 'No school matches these filters.' : `No school is called “${search}” here.`} />
      ) : (
        <Scroller rows={rows} at={at} options={options} sort={sort} order={order} dbnAt={dbnAt} />
      )}
    </Figure>
  )
}

interface ScrollerProps {
  readonly rows: Rows['rows']
  readonly at: ReadonlyMap<string, number>
  readonly options: Options
  readonly sort: string
  readonly order: 'asc' | 'desc'
  readonly dbnAt: number
}

/** Only the rows in sight are in the document, so that thousands scroll as smoothly as ten. */
function Scroller({ rows, at, options, sort, order, dbnAt }: ScrollerProps) {
  const box = useRef<HTMLDivElement>(null)
  const wanted = useRef<number | undefined>(undefined)
  const [top, setTop] = useState(0)
  const [height, setHeight] = useState(640)

  useEffect(() => {
    const element = box.current
    if (element === null) return
    const observer = new ResizeObserver(() => setHeight(element.clientHeight))
    observer.observe(element)
    return () => observer.disconnect()
  }, [])

  useEffect(() => {
    box.current?.scrollTo(0, 0)
    setTop(0)
  }, [sort, order, rows.length])

  const first = Math.max(0, Math.floor(top / rowPx) - overscan)
  const last = Math.min(rows.length, Math.ceil((top + height) / rowPx) + overscan)

  useEffect(() => {
    if (wanted.current === undefined) return
    const link = box.current?.querySelector<HTMLElement>(`[data-row="${wanted.current}"]`)
    if (link) {
      wanted.current = undefined
      link.focus({ preventScroll: true })
    }
  })

  function focusRow(index: number): void {
    const element = box.current
    if (element === null) return
    const row = Math.max(0, Math.min(rows.length - 1, index))
    wanted.current = row
    const head = element.querySelector('thead')?.clientHeight ?? 0
    const y = row * rowPx
    if (y < element.scrollTop) element.scrollTop = y
    else if (y + rowPx + head > element.scrollTop + element.clientHeight)
      element.scrollTop = y + rowPx + head - element.clientHeight
    // The row may not be drawn yet: the table holds the focus for it, so that no key is lost meanwhile.
    const link = element.querySelector<HTMLElement>(`[data-row="${row}"]`) ?? element
    if (link !== element) wanted.current = undefined
    link.focus({ preventScroll: true })
    setTop(element.scrollTop)
  }

  function onKey(event: KeyboardEvent): void {
    const link = event.target instanceof HTMLElement ? event.target.closest<HTMLElement>('[data-row]') : null
    const from = wanted.current ?? (link === null ? -1 : Number(link.dataset.row))
    const page = Math.max(1, Math.floor(height / rowPx) - 2)
    const moves: Readonly<Record<string, number>> = {
      ArrowDown: from + 1,
      ArrowUp: from - 1,
      PageDown: from + page,
      PageUp: from - page,
      Home: 0,
      End: rows.length - 1,
    }
    const to = moves[event.key]
    if (to === undefined || event.target instanceof HTMLInputElement) return
    event.preventDefault()
    focusRow(to)
  }

  return (
    <section
      class="scroller"
      ref={box}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
      tabIndex={0}
      aria-label="Table of schools"
      onScroll={(event) => setTop(event.currentTarget.scrollTop)}
      onKeyDown={onKey}
    >
      <table class="school-table" aria-rowcount={rows.length + 1}>
        <thead>
          <tr aria-rowindex={1}>
            {shownColumns.map((name) => (
              <th
                scope="col"
                class={`${name} ${isMeasure(name) ? 'num' : ''}`}
                aria-sort={sort === name ? (order === 'asc' ? 'ascending' : 'descending') : undefined}
              >
                <a href={hrefWith({ sort: name, order: nextOrder(name, sort, order), rows: null })}>
                  {heading(name)}
                  {sort === name && (
                    <span class="arrow" aria-hidden="true">
                      {order === 'asc' ? '↑' : '↓'}
                    </span>
                  )}
                </a>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {first > 0 && (
            <tr class="spacer">
              <td colSpan={shownColumns.length} style={{ height: `${first * rowPx}px` }} />
            </tr>
          )}
          {rows.slice(first, last).map((row, i) => {
            const index = first + i
            const dbn = String(row[dbnAt])
            return (
              <tr key={dbn} aria-rowindex={index + 2}>
                {shownColumns.map((name) => {
                  const cell = row[at.get(name) ?? -1] ?? null
                  if (name === 'school_name') {
                    return (
                      <th scope="row">
                        <a href={drillHref({ of: 'measures', dbn })} data-row={index} title={String(cell ?? dbn)}>
                          {String(cell ?? dbn)}
                        </a>
                        <small>{dbn}</small>
                      </th>
                    )
                  }
                  if (name.endsWith('_rate') && typeof cell === 'number') {
                    return (
                      <td class={`num rate ${name}`}>
                        <span style={{ '--share': String(cell) }}>{shown(cell, name, null, options)}</span>
                      </td>
                    )
                  }
                  return (
                    <td class={`${isMeasure(name) ? 'num' : ''} ${cell === null ? 'none' : ''}`}>
                      {name === 'program' ? programWord(cell) : shown(cell, name, null, options)}
                    </td>
                  )
                })}
              </tr>
            )
          })}
          {last < rows.length && (
            <tr class="spacer">
              <td colSpan={shownColumns.length} style={{ height: `${(rows.length - last) * rowPx}px` }} />
            </tr>
          )}
        </tbody>
      </table>
    </section>
  )
}

function isMeasure(name: string): boolean {
  return name.endsWith('_rate') || name.endsWith('_score') || name === 'district'
}

function programWord(cell: ApiCell): string {
  return (
    { community: 'Community', charter: 'Charter', special_education: 'Special ed.', alternative: 'Alternative' }[
      String(cell)
    ] ?? String(cell ?? '–')
  )
}

/** A measure is asked for highest first, a word from A. */
function nextOrder(name: string, sort: string, order: 'asc' | 'desc'): string {
  if (name === sort) return order === 'asc' ? 'desc' : 'asc'
  return name.endsWith('_rate') || name.endsWith('_score') ? 'desc' : 'asc'
}

/** Missing values stand last, whichever way the rest is sorted. */
function compare(a: ApiCell, b: ApiCell, order: 'asc' | 'desc'): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1
  const way = order === 'asc' ? 1 : -1
  if (typeof a === 'number' && typeof b === 'number') return (a - b) * way
  return (String(a) < String(b) ? -1 : String(a) > String(b) ? 1 : 0) * way
}

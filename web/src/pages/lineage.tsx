import type {
  LineageColumn,
  LineageInfluence,
  LineageOrigin,
  LineageTable,
  LineageTest,
  LineageUse,
  LineageView,
} from '#api'
import { useAnswer } from '../ask.ts'
import { Empty, FaultNote, Figure, Loading, Scroll } from '../figure.tsx'
import { count } from '../format.ts'
import type { Reach } from '../lineage-ways.ts'
import { above, below, tablesAround } from '../lineage-ways.ts'
import { hrefWith, parameter } from '../route.ts'
import { LineageList, LineagePicture } from './lineage-picture.tsx'

export function LineagePage() {
  const { data: view, fault } = useAnswer<LineageView>('lineage')
  if (fault) return <FaultNote fault={fault} />
  if (view === undefined) return <Loading what="the lineage, which takes some seconds the first time" height={640} />
  const { lineage } = view
  const table = lineage.tables.find(({ name }) => name === parameter('table'))
  const column = table?.columns.find(({ name }) => name === parameter('column'))
  const around = aroundOf(view, table, column)
  const chosen = { table: table?.name, ...around }
  return (
    <>
      <header class="lede">
        <p class="kicker">Lineage</p>
        <h1>Where every figure comes from</h1>
        <p class="standfirst">
          {count(lineage.tables.length)} tables, read from the datasets’ contracts and the compiled models. Choose a
          table, then one of its columns: what it is made from and what it reaches stand out.
        </p>
      </header>
      <Figure
        class="lineage"
        title="From Bronze to Gold"
        dek={<Legend table={table} column={column} />}
        controls={
          table && (
            <a class="button" href={hrefWith({ table: null, column: null })}>
              Show all alike
            </a>
          )
        }
      >
        <div class="lineage-wide">
          <LineagePicture view={view} chosen={chosen} />
        </div>
        <details class="lineage-names">
          <summary>All tables by layer, as a list</summary>
          <LineageList view={view} chosen={chosen} />
        </details>
      </Figure>
      {table && <Columns table={table} chosen={column?.name} />}
      {table && column && <Ways table={table} column={column} around={around} view={view} />}
    </>
  )
}

interface Around {
  readonly above: Reach
  readonly below: Reach
}

function aroundOf(
  { lineage }: LineageView,
  table: LineageTable | undefined,
  column: LineageColumn | undefined,
): Around {
  if (table === undefined) return { above: new Map(), below: new Map() }
  if (column === undefined) return tablesAround(lineage, table.name)
  return { above: above(lineage, table.name, column.name), below: below(lineage, table.name, column.name) }
}

function Legend({ table, column }: { table: LineageTable | undefined; column: LineageColumn | undefined }) {
  if (table === undefined) return <>Each table stands to the right of what it is made from.</>
  const name = column === undefined ? table.name : `${table.name}.${column.name}`
  return (
    <>
      <b>{name}</b>: what it is made from has a <span class="says-above">solid edge</span>, what it reaches a{' '}
      <span class="says-below">dashed</span> one.
    </>
  )
}

function Columns({ table, chosen }: { table: LineageTable; chosen: string | undefined }) {
  return (
    <Figure
      class="lineage-columns"
      title={`Columns of ${table.name}`}
      dek={table.untraced === null ? table.about : `Not traced: ${table.untraced}.`}
    >
      <Scroll class="scroll-xy" label={`${table.name}: its columns as a table`}>
        <table class="plain">
          <thead>
            <tr>
              <th scope="col">Column</th>
              <th scope="col">Type</th>
              <th scope="col">Made from</th>
            </tr>
          </thead>
          <tbody>
            {table.columns.map(({ name, type, about, from }) => (
              <tr>
                <th scope="row">
                  <a href={hrefWith({ column: name })} aria-current={name === chosen ? 'true' : undefined}>
                    {name}
                  </a>
                </th>
                <td>{type}</td>
                <td>{from.length === 0 ? about || 'Lineage begins here' : briefly(from)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </Figure>
  )
}

/** The first few; the column's own list has all. */
function briefly(from: readonly LineageOrigin[]): string {
  const shown = from.slice(0, 3).map((origin) => {
    if (origin.kind === 'rows') return `rows of ${origin.table}`
    return origin.kind === 'constant' ? `constant ${origin.value}` : `${origin.kind}: ${origin.table}.${origin.column}`
  })
  return from.length > shown.length ? `${shown.join(', ')} and ${from.length - shown.length} more` : shown.join(', ')
}

interface WaysProps {
  readonly table: LineageTable
  readonly column: LineageColumn
  readonly around: Around
  readonly view: LineageView
}

function Ways({ table, column, around, view: { lineage } }: WaysProps) {
  const touched = (name: string, columns: readonly string[]): boolean =>
    (name === table.name && columns.includes(column.name)) ||
    columns.some((each) => around.below.get(name)?.has(each) === true)
  const isTouched = ({ reads }: Pick<LineageTest, 'reads'>): boolean =>
    reads.some((read) => touched(read.table, read.columns))
  const tests = lineage.tests.filter(isTouched)
  const pages = lineage.pages.filter(isTouched)
  return (
    <Figure class="lineage-chosen" title={`${table.name}.${column.name}`} dek={column.about}>
      <div class="lineage-ways">
        <section>
          <h3>Made from</h3>
          <ReachList reach={around.above} none="Lineage begins here, or it is a constant." />
        </section>
        <section>
          <h3>Reaches</h3>
          <ReachList reach={around.below} none="Nothing takes its value." />
        </section>
      </div>
      {column.chosenBy.length > 0 && (
        <details open>
          <summary>Looked up by {counted(column.chosenBy)}</summary>
          <UseList uses={column.chosenBy} />
        </details>
      )}
      {table.uses.length > 0 && (
        <details>
          <summary>
            Which rows {table.name} has is decided by {counted(table.uses)}
          </summary>
          <UseList uses={table.uses} />
        </details>
      )}
      {pages.length > 0 && (
        <details open>
          <summary>
            {pages.length === 1 ? 'One part' : `${count(pages.length)} parts`} of this dashboard{' '}
            {pages.length === 1 ? 'shows' : 'show'} it
          </summary>
          <ul>
            {pages.map(({ name, path }) => (
              <li>{path === null ? `${name}, on every page` : <a href={path}>{name}</a>}</li>
            ))}
          </ul>
        </details>
      )}
      {tests.length > 0 && (
        <details>
          <summary>{tests.length === 1 ? 'One test reads it' : `${count(tests.length)} tests read it`}</summary>
          <ul>
            {tests.map(({ name }) => (
              <li>{name}</li>
            ))}
          </ul>
        </details>
      )}
    </Figure>
  )
}

function counted(uses: readonly LineageUse[]): string {
  const columns = new Set(uses.map(({ table, column }) => `${table}.${column}`)).size
  return columns === 1 ? 'one column' : `${count(columns)} columns`
}

const influences: Readonly<Record<LineageInfluence, string>> = {
  JOIN: 'compared by a join',
  FILTER: 'tested by a filter',
  GROUP_BY: 'grouped by',
}

function UseList({ uses }: { uses: readonly LineageUse[] }) {
  return (
    <ul>
      {uses.map(({ how, table, column }) => (
        <li>
          <a href={hrefWith({ table, column })}>
            {table}.{column}
          </a>
          , {influences[how]}
        </li>
      ))}
    </ul>
  )
}

function ReachList({ reach, none }: { reach: Reach; none: string }) {
  if (reach.size === 0) return <Empty title={none} />
  return (
    <ul>
      {[...reach].flatMap(([table, columns]) =>
        columns.size === 0
          ? [
              <li>
                <a href={hrefWith({ table, column: null })}>{table}</a>, its rows
              </li>,
            ]
          : [...columns].map(([column, kind]) => (
              <li>
                <a href={hrefWith({ table, column })}>
                  {table}.{column}
                </a>
                , {kind}
              </li>
            )),
      )}
    </ul>
  )
}

import type { GoldColumns } from '#api'
import { useAnswer } from '../ask.ts'
import { Empty, FaultNote, Loading, Scroll } from '../figure.tsx'

/** What the columns of a table of Gold mean, with what to bear in mind. */
export function ColumnMeanings({ table }: { table: string }) {
  const { data, fault } = useAnswer<GoldColumns>(`columns?table=${table}`)
  if (fault) return <FaultNote fault={fault} />
  const about = data?.tables[0]
  if (data !== undefined && about === undefined) return <Empty title="Nothing is written about this table." />
  if (about === undefined) return <Loading what={`the columns of ${table}`} height={120} />
  return (
    <>
      <p class="dek">{about.about}</p>
      <Scroll class="scroll-x" label={`Columns of ${table}`}>
        <table class="plain meanings">
          <thead>
            <tr>
              <th scope="col">Column</th>
              <th scope="col">Definition</th>
              <th scope="col">Unit</th>
              <th scope="col">Source</th>
              <th scope="col">Bear in mind</th>
            </tr>
          </thead>
          <tbody>
            {about.columns.map(({ name, definition, unit, source, caveat }) => (
              <tr>
                <th scope="row">
                  <code>{name}</code>
                </th>
                <td>{definition}</td>
                <td>{unit}</td>
                <td>{source}</td>
                <td>{caveat === 'none' ? '–' : caveat}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </>
  )
}

import type { TableMeasure } from '#api'
import { Figure, Scroll } from '../figure.tsx'
import { count, duration } from '../format.ts'
import { measures, watchMeasures } from '../measures.ts'
import { stream } from '../stream.ts'
import { useEffect } from '../view.ts'
import { LiveCaption } from './live-words.tsx'

/** How each table of the stream keeps up, as far as the server's process knows. */
export function MeasuresFigure() {
  useEffect(watchMeasures, [])
  const dataset = stream.about.value?.dataset
  const own = [`bronze.${dataset}`, `silver.${dataset}`, 'silver.quarantine', 'silver.displaced']
  const tables = own.flatMap((name) => measures.value.filter(({ table }) => table === name))
  if (tables.length === 0) return null
  const lands = tables.some(({ table, commitMs }) => table.startsWith('bronze.') && commitMs !== null)
  return (
    <Figure
      class="measures"
      title="How the tables keep up"
      dek={
        lands
          ? 'What this server’s own process did since it began; another consumer’s work is not in it.'
          : 'This server only reads. What each commit took is known to the process that lands the stream.'
      }
      caption={<LiveCaption unit="rows, files, time" n={`${count(tables.length)} tables`} />}
    >
      <Scroll class="scroll-x" label="Measures by table">
        <table class="plain">
          <thead>
            <tr>
              <th scope="col">Table</th>
              {['Rows a second', 'Lag', 'Age when landed', 'Median commit', 'Files', 'Retries', 'Fences'].map(
                (title) => (
                  <th key={title} scope="col" class="num">
                    {title}
                  </th>
                ),
              )}
            </tr>
          </thead>
          <tbody>
            {tables.map((measure) => (
              <MeasureRow key={measure.table} {...measure} />
            ))}
          </tbody>
        </table>
      </Scroll>
    </Figure>
  )
}

function MeasureRow({ table, rowsPerSecond, lag, ageAtCommitMs, commitMs, files, retries, fences }: TableMeasure) {
  // Only Bronze is landed from a log, so that the others have no lag, and nobody to be fenced by.
  const lands = table.startsWith('bronze.')
  return (
    <tr>
      <th scope="row">
        <code>{table}</code>
      </th>
      <Cell of={rowsPerSecond} words={(rows) => (rows < 10 ? rows.toFixed(1) : count(Math.round(rows)))} />
      <Cell of={lag} words={count} has={lands} />
      <Cell of={ageAtCommitMs} words={duration} has={lands} />
      <Cell of={commitMs} words={(ms) => `${count(Math.round(ms))} ms`} />
      <Cell of={files} words={count} />
      <Cell of={retries} words={count} />
      <Cell of={fences} words={count} has={lands} />
    </tr>
  )
}

interface CellProps {
  readonly of: number | null
  readonly words: (value: number) => string
  /** False: a table of this kind has no such figure. */
  readonly has?: boolean
}

function Cell({ of, words, has = true }: CellProps) {
  if (!has) return <td class="num none">–</td>
  return of === null ? <td class="num none">unknown</td> : <td class="num">{words(of)}</td>
}

import type { DatasetSources, Quality, Sources } from '#api'
import { Figure, Scroll } from '../figure.tsx'
import { bytes, count, day, instant, words } from '../format.ts'
import { published } from '../live.ts'
import { hrefWith, parameter } from '../route.ts'
import { ColumnMeanings } from './column-meanings.tsx'

export function GoldFigure({ data }: { data: Quality }) {
  const tests = published.value?.publication?.tests
  const asked = data.gold.find(({ table }) => table === parameter('table'))?.table
  return (
    <Figure
      class="gold"
      title="What is published"
      dek={
        tests &&
        `${count(tests.passed)} tests passed before publishing, ${count(tests.warned)} warned, ${count(tests.failed)} failed.`
      }
      caption={
        <>
          {data.sample && <strong class="sample-mark">Sample data</strong>}
          <span>Unit: rows; choose a table for what its columns mean</span>
          <span>n = {count(data.gold.length)} tables</span>
          <span>Publication {data.publication}</span>
        </>
      }
    >
      <ul class="gold-tables">
        {data.gold.map(({ table, rows }) => (
          <li>
            <a href={hrefWith({ table })} aria-current={table === asked ? 'true' : undefined}>
              {words(table)}
            </a>
            <b>{count(rows)}</b>
          </li>
        ))}
      </ul>
      {asked !== undefined && (
        <>
          <h3 class="meanings-title">What the columns of {words(asked)} mean</h3>
          <ColumnMeanings table={asked} />
        </>
      )}
    </Figure>
  )
}

export function SourcesFigure({ data }: { data: Sources }) {
  const files = data.datasets.reduce((total, dataset) => total + dataset.files.length, 0)
  return (
    <Figure
      class="sources"
      title="Where it came from"
      dek="Each file as it was read, with its publisher, licence and attribution."
      caption={
        <>
          {data.sample && <strong class="sample-mark">Sample data</strong>}
          <span>n = {count(files)} files</span>
          <span>Publication {data.publication}</span>
        </>
      }
    >
      {data.datasets.map((dataset) => (
        <Source dataset={dataset} />
      ))}
    </Figure>
  )
}

function Source({ dataset }: { dataset: DatasetSources }) {
  return (
    <section class="source">
      <h3>{dataset.title}</h3>
      <p class="dek">{dataset.about}</p>
      <dl class="credits">
        <div>
          <dt>Publisher</dt>
          <dd>
            <a href={dataset.url} target="_blank" rel="noreferrer">
              {dataset.publisher}
            </a>
          </dd>
        </div>
        <div>
          <dt>Licence</dt>
          <dd>{dataset.licence}</dd>
        </div>
        <div>
          <dt>Attribution</dt>
          <dd>{dataset.attribution}</dd>
        </div>
      </dl>
      {dataset.files.length === 0 ? (
        <p class="dek">No file of this dataset has landed.</p>
      ) : (
        <Scroll class="scroll-x" label={`Files of ${dataset.title}`}>
          <table class="plain files">
            <thead>
              <tr>
                <th scope="col">File</th>
                <th scope="col" class="num">
                  Records
                </th>
                <th scope="col" class="num">
                  Size
                </th>
                <th scope="col">Layout</th>
                <th scope="col">Modified</th>
                <th scope="col">Landed</th>
                <th scope="col">SHA-256</th>
              </tr>
            </thead>
            <tbody>
              {dataset.files.map((file) => (
                <tr>
                  <th scope="row">
                    <span class="file">{file.name}</span>
                    {file.fetchedFrom && <small>{file.fetchedFrom}</small>}
                    {file.sample !== null && <small>generated, seed {file.sample}</small>}
                    {file.sameAs !== null && <small>same records as {file.sameAs}</small>}
                    {file.error !== null && <small class="bad">{file.error}</small>}
                  </th>
                  <td class="num">{file.records === null ? '–' : count(file.records)}</td>
                  <td class="num">{bytes(file.sizeBytes)}</td>
                  <td>{[file.layout ?? 'unreadable', file.encoding].filter(Boolean).join(', ')}</td>
                  <td>{file.modifiedAt === null ? '–' : day(file.modifiedAt)}</td>
                  <td>{file.fetchedAt === null ? '–' : instant(file.fetchedAt)}</td>
                  <td>
                    <code title={file.sha256}>{file.sha256.slice(0, 10)}</code>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
    </section>
  )
}

import type { BrokenRule, Counts, DatasetSources, LedgerDataset, Quality, Sources } from '#api'
import { useAnswer } from '../ask.ts'
import { Empty, FaultNote, Figure, Loading, Scroll } from '../figure.tsx'
import { bytes, capital, count, day, instant, words } from '../format.ts'
import { published } from '../live.ts'
import { drillHref } from '../route.ts'

const fates = ['silver', 'quarantined', 'duplicates', 'superseded'] as const
const fateWords = {
  silver: 'clean',
  quarantined: 'quarantined',
  duplicates: 'duplicates',
  superseded: 'superseded',
} as const

export function DataPage() {
  const quality = useAnswer<Quality>('quality')
  const sources = useAnswer<Sources>('sources')
  const fault = quality.fault ?? sources.fault
  if (fault) return <FaultNote fault={fault} />
  if (quality.data === undefined || sources.data === undefined) return <Loading what="the ledger" height={640} />
  const total = sum(quality.data.datasets)
  const ok = quality.data.datasets.every(({ sources: all }) => all.every(adds))
  return (
    <>
      <header class="lede">
        <p class="kicker">Data</p>
        <h1>{ok ? 'Every record that came in is accounted for' : 'Some records are not accounted for'}</h1>
        <p class="standfirst">
          What lands either becomes a clean row, is set aside with the rule it broke, repeats another record, or was
          replaced by a newer one. Nothing is dropped in silence.
        </p>
      </header>
      <Equation counts={total} />
      <Figure
        class="ledger"
        title="From landing to clean, by dataset and source"
        dek="The bar is what landed; its parts are what became of it. Choose a number to see the records."
        caption={<LakeCaption of={quality.data} n={`${count(total.landed)} records landed`} />}
      >
        {quality.data.datasets.length === 0 ? (
          <Empty title="Nothing has landed yet." />
        ) : (
          quality.data.datasets.map((dataset) => <DatasetLedger dataset={dataset} />)
        )}
      </Figure>
      <RulesFigure data={quality.data} />
      <GoldFigure data={quality.data} />
      <SourcesFigure data={sources.data} />
    </>
  )
}

function LakeCaption({ of, n }: { of: { sample: boolean; publication: number }; n: string }) {
  return (
    <>
      {of.sample && <strong class="sample-mark">Sample data</strong>}
      <span>Unit: records</span>
      <span>n = {n}</span>
      <span>All years landed</span>
      <span>Publication {of.publication}</span>
    </>
  )
}

function Equation({ counts }: { counts: Counts }) {
  return (
    <dl class="equation" aria-label="Conservation of records">
      <div class="landed">
        <dt>landed</dt>
        <dd>{count(counts.landed)}</dd>
      </div>
      <span class="sign" aria-hidden="true">
        =
      </span>
      {fates.map((fate, i) => (
        <>
          {i > 0 && (
            <span class="sign" aria-hidden="true">
              +
            </span>
          )}
          <div class={fate}>
            <dt>{fateWords[fate]}</dt>
            <dd>{count(counts[fate])}</dd>
          </div>
        </>
      ))}
    </dl>
  )
}

function DatasetLedger({ dataset }: { dataset: LedgerDataset }) {
  return (
    <section class="dataset">
      <header>
        <h3>{dataset.title}</h3>
        <p class={adds(dataset) ? 'adds' : 'off'}>{adds(dataset) ? '✓ adds up' : '✗ does not add up'}</p>
      </header>
      <div class="fate-bar" aria-hidden="true">
        {fates.map((fate) => (
          <i class={fate} style={{ flexGrow: String(dataset[fate]) }} />
        ))}
      </div>
      <Scroll class="scroll-x" label={`${dataset.title}: records by source`}>
        <table class="plain ledger-table">
          <thead>
            <tr>
              <th scope="col">Source</th>
              <th scope="col" class="num">
                Landed
              </th>
              <th scope="col" class="num">
                = Clean
              </th>
              <th scope="col" class="num">
                + Quarantined
              </th>
              <th scope="col" class="num">
                + Duplicates
              </th>
              <th scope="col" class="num">
                + Superseded
              </th>
              <th scope="col" class="num">
                Warned
              </th>
            </tr>
          </thead>
          <tbody>
            {dataset.sources.map(({ source, fileName, ...counts }) => {
              const rows = (of: string, extra = {}) => drillHref({ of, dataset: dataset.dataset, source, ...extra })
              return (
                <tr>
                  <th scope="row">
                    <span class="file">{fileName}</span> <small title={source}>{source.slice(0, 10)}</small>
                  </th>
                  <td class="num strong">{count(counts.landed)}</td>
                  <td class="num">{counts.silver > 0 ? <a href={rows('silver')}>{count(counts.silver)}</a> : 0}</td>
                  <td class="num">
                    {counts.quarantined > 0 ? <a href={rows('quarantine')}>{count(counts.quarantined)}</a> : 0}
                  </td>
                  <td class="num">
                    {counts.duplicates > 0 ? (
                      <a href={rows('displaced', { fate: 'duplicate' })}>{count(counts.duplicates)}</a>
                    ) : (
                      0
                    )}
                  </td>
                  <td class="num">
                    {counts.superseded > 0 ? (
                      <a href={rows('displaced', { fate: 'superseded' })}>{count(counts.superseded)}</a>
                    ) : (
                      0
                    )}
                  </td>
                  <td class="num">{count(counts.warned)}</td>
                </tr>
              )
            })}
          </tbody>
          {dataset.sources.length > 1 && (
            <tfoot>
              <tr>
                <th scope="row">All sources</th>
                <td class="num">{count(dataset.landed)}</td>
                {fates.map((fate) => (
                  <td class="num">{count(dataset[fate])}</td>
                ))}
                <td class="num">{count(dataset.warned)}</td>
              </tr>
            </tfoot>
          )}
        </table>
      </Scroll>
    </section>
  )
}

function RulesFigure({ data }: { data: Quality }) {
  const all = data.rules.reduce((sum, { quarantined }) => sum + quarantined, 0)
  return (
    <Figure
      class="rules"
      title="What was set aside, and why"
      dek="A rule that rejects puts the record in quarantine, as received. A rule that warns only counts."
      caption={<LakeCaption of={data} n={`${count(all)} quarantined`} />}
    >
      {data.rules.length === 0 ? (
        <Empty title="No record broke a rule." />
      ) : (
        data.rules.map((rule) => <Rule rule={rule} />)
      )}
    </Figure>
  )
}

function Rule({ rule }: { rule: BrokenRule }) {
  return (
    <details class="rule">
      <summary>
        <span>
          <b>{capital(words(rule.rule))}</b> <small>{words(rule.dataset)}</small>
        </span>
        <span class="counts">
          {rule.quarantined > 0 && <span class="tag quarantined">{count(rule.quarantined)} quarantined</span>}
          {rule.warned > 0 && <span class="tag">{count(rule.warned)} warned</span>}
        </span>
      </summary>
      {rule.examples.length === 0 ? (
        <p class="dek">The records are kept as clean rows, and counted here.</p>
      ) : (
        <>
          <Scroll class="scroll-x" label={`Examples of ${words(rule.rule)}`}>
            <table class="plain">
              <thead>
                <tr>
                  <th scope="col">Record</th>
                  <th scope="col">Column</th>
                  <th scope="col">Received</th>
                  <th scope="col">Why</th>
                </tr>
              </thead>
              <tbody>
                {rule.examples.map(({ source, offset, column, received, message }) => (
                  <tr>
                    <td>
                      <code>
                        {source.slice(0, 8)}:{offset}
                      </code>
                    </td>
                    <td>{column ?? '–'}</td>
                    <td>{received === null ? '–' : <code>{received}</code>}</td>
                    <td class="wide">{message ?? '–'}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </Scroll>
          <p class="dek">
            <a href={drillHref({ of: 'quarantine', dataset: rule.dataset, rule: rule.rule })}>
              See all {count(rule.quarantined)}
            </a>
          </p>
        </>
      )}
    </details>
  )
}

function GoldFigure({ data }: { data: Quality }) {
  const tests = published.value?.publication?.tests
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
          <span>Unit: rows</span>
          <span>n = {count(data.gold.length)} tables</span>
          <span>Publication {data.publication}</span>
        </>
      }
    >
      <ul class="gold-tables">
        {data.gold.map(({ table, rows }) => (
          <li>
            <span>{words(table)}</span>
            <b>{count(rows)}</b>
          </li>
        ))}
      </ul>
    </Figure>
  )
}

function SourcesFigure({ data }: { data: Sources }) {
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

function adds({ landed, silver, quarantined, duplicates, superseded }: Counts): boolean {
  return landed === silver + quarantined + duplicates + superseded
}

function sum(all: readonly Counts[]): Counts {
  const of = (name: keyof Counts) => all.reduce((total, counts) => total + counts[name], 0)
  return {
    landed: of('landed'),
    silver: of('silver'),
    quarantined: of('quarantined'),
    duplicates: of('duplicates'),
    superseded: of('superseded'),
    warned: of('warned'),
  }
}

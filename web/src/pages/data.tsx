import type { Counts, LedgerDataset, Quality, Sources } from '#api'
import { useAnswer } from '../ask.ts'
import { adds, Equation, fates } from '../equation.tsx'
import { Empty, FaultNote, Figure, Loading, Scroll } from '../figure.tsx'
import { count } from '../format.ts'
import { drillHref } from '../route.ts'
import { LakeCaption, RulesFigure } from './data-rules.tsx'
import { GoldFigure, SourcesFigure } from './data-sources.tsx'

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

import type { BrokenRule, Quality } from '#api'
import { Empty, Figure, Scroll } from '../figure.tsx'
import { capital, count, words } from '../format.ts'
import { drillHref } from '../route.ts'

export function RulesFigure({ data }: { data: Quality }) {
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

export function LakeCaption({ of, n }: { of: { sample: boolean; publication: number }; n: string }) {
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

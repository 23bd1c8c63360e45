import type { LiveRule } from '#api'
import { Empty, Figure, Scroll } from '../figure.tsx'
import { capital, count, words } from '../format.ts'
import { stream } from '../stream.ts'
import { LiveCaption } from './live-words.tsx'

export function StreamRulesFigure() {
  const rules = stream.rules.value
  const all = stream.counts.value?.quarantined ?? 0
  return (
    <Figure
      class="rules"
      title="What was set aside, and why"
      dek="An event that breaks a rule is kept as received, with where it stands in the log."
      caption={<LiveCaption unit="events" n={`${count(all)} quarantined, of all boroughs`} />}
    >
      {rules.length === 0 ? (
        <Empty title="No event broke a rule." />
      ) : (
        rules.map((rule) => <StreamRule key={rule.rule} rule={rule} />)
      )}
    </Figure>
  )
}

function StreamRule({ rule: { rule, quarantined, examples } }: { rule: LiveRule }) {
  return (
    <details class="rule">
      <summary>
        <b>{capital(words(rule))}</b>
        <span class="counts">
          <span class="tag quarantined">{count(quarantined)} quarantined</span>
        </span>
      </summary>
      <Scroll class="scroll-x" label={`Newest examples of ${words(rule)}`}>
        <table class="plain">
          <thead>
            <tr>
              <th scope="col">Partition:offset</th>
              <th scope="col">Received</th>
              <th scope="col">Why</th>
            </tr>
          </thead>
          <tbody>
            {examples.map(({ partition, offset, received, message }) => (
              <tr key={`${partition}:${offset}`}>
                <th scope="row">
                  <code>
                    {partition}:{offset}
                  </code>
                </th>
                <td class="received">{received === null ? '–' : <code>{received}</code>}</td>
                <td class="wide">{message ?? '–'}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </details>
  )
}

export function PartitionsFigure() {
  const partitions = stream.partitions.value
  const lags = partitions.map(({ landed, end }) => (end === null ? null : Math.max(0, end - landed)))
  const known = lags.flatMap((lag) => lag ?? [])
  const landed = partitions.reduce((sum, partition) => sum + partition.landed, 0)
  return (
    <Figure
      class="partitions"
      title="How far behind the log"
      dek={`Topic ${stream.about.value?.topic}. Lag: events that the log holds and the lake has not landed yet.`}
      caption={<LiveCaption unit="events" n={`${count(partitions.length)} partitions`} />}
    >
      <Scroll class="scroll-x" label="Lag by partition">
        <table class="plain">
          <thead>
            <tr>
              <th scope="col">Partition</th>
              <th scope="col" class="num">
                Landed
              </th>
              <th scope="col" class="num">
                End of log
              </th>
              <th scope="col" class="num">
                Lag
              </th>
            </tr>
          </thead>
          <tbody>
            {partitions.map(({ partition, landed: next, end }, i) => (
              <tr key={partition}>
                <th scope="row">{partition}</th>
                <td class="num">{count(next)}</td>
                <td class="num">{end === null ? 'unknown' : count(end)}</td>
                <td class="num strong">{lags[i] == null ? 'unknown' : count(lags[i])}</td>
              </tr>
            ))}
          </tbody>
          <tfoot>
            <tr>
              <th scope="row">All</th>
              <td class="num">{count(landed)}</td>
              <td class="num" />
              <td class="num">
                {known.length === lags.length ? '' : known.length === 0 ? 'unknown' : 'at least '}
                {known.length === 0 ? '' : count(known.reduce((sum, lag) => sum + lag, 0))}
              </td>
            </tr>
          </tfoot>
        </table>
      </Scroll>
      <LogNote isKnown={known.length === lags.length} />
    </Figure>
  )
}

/** Why the end of the log is unknown, or may be an old one. */
function LogNote({ isKnown }: { isKnown: boolean }) {
  const fault = stream.about.value?.logFault ?? null
  if (fault === null) {
    return isKnown ? null : <p class="dek">Unknown: the log cannot be asked from where this dashboard runs.</p>
  }
  return (
    <p class="dek" role="status">
      <strong>The log cannot be reached.</strong>{' '}
      {isKnown ? 'Its end, and the lag, are as it last told them. ' : 'Its end is unknown. '}
      {fault}
    </p>
  )
}

import type { LiveEventRow } from '#api'
import { Empty, Figure } from '../figure.tsx'
import { clockToMillisecond, count, percent } from '../format.ts'
import { listParameter } from '../route.ts'
import { stream } from '../stream.ts'
import { chosenRespondents, LiveCaption } from './live-words.tsx'

export function EventsFigure() {
  const boroughs = listParameter('borough')
  const who = chosenRespondents()
  const rows = stream.newest.value.filter(
    ({ respondent, dbn }) => who.includes(respondent) && (boroughs.length === 0 || boroughs.includes(dbn.charAt(2))),
  )
  return (
    <Figure
      class="live-events"
      title="Newest events"
      dek="Of each publication the newest twenty, and of the others every fiftieth of a partition. Times are by the school’s clock."
      caption={<LiveCaption unit="people who answered, of those invited" n={`${count(rows.length)} events listed`} />}
    >
      {rows.length === 0 ? (
        <Empty title="No event of these groups has come since this page was opened." />
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
        <section class="scroll-y" tabIndex={0} aria-label="List of newest events">
          <ol class="events">
            {rows.map((row) => (
              <EventRow key={row.eventId} row={row} />
            ))}
          </ol>
        </section>
      )}
    </Figure>
  )
}

function EventRow({ row }: { row: LiveEventRow }) {
  const { eventId, eventAt, dbn, respondent, invited, responded, partition, offset } = row
  return (
    <li class={respondent} data-event-id={eventId} data-event-at={eventAt}>
      <span class="who">
        <b>{dbn}</b>
        {` ${respondent}s`}
      </span>
      <span class="num">
        {`${count(responded)} of ${count(invited)} `}
        {invited > 0 && <b>{percent(responded / invited, 0)}</b>}
      </span>
      <code>{`${eventId} · ${partition}:${offset}`}</code>
      <time dateTime={eventAt}>{clockToMillisecond(eventAt)}</time>
    </li>
  )
}

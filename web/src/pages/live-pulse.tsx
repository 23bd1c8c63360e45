import { paceOf } from '../chart/live-lines.ts'
import { clock, count, duration, intervalWords } from '../format.ts'
import { reachable } from '../live.ts'
import { behind, pause, pausedAt, resume, stream } from '../stream.ts'
import { useEffect, useState } from '../view.ts'

const bars = 60
const tickMs = 250
/** Without a newer event for this long, the pace is of before. */
const quietMs = 10_000

/** How fast, how fresh, how much: what a glance is for. */
export function Pulse() {
  return (
    <section class="pulse" aria-label="Pace of the stream">
      <header class="pulse-head">
        <Standing />
        <PauseButton />
      </header>
      <dl class="pulse-figures">
        <PaceFigure />
        <FreshnessFigure />
        <TotalFigure />
      </dl>
      <Bars />
    </section>
  )
}

/** Milliseconds since the newest event that is shown; stands still where the page does. */
function useAgeMs(): number | undefined {
  const [nowMs, setNowMs] = useState(Date.now())
  useEffect(() => {
    const ticking = setInterval(() => setNowMs(Date.now()), tickMs)
    return () => clearInterval(ticking)
  }, [])
  const last = stream.pace.value?.lastEventAt
  return last == null ? undefined : Math.max(0, (pausedAt.value ?? nowMs) - Date.parse(last))
}

function Standing() {
  const ageMs = useAgeMs()
  const since = pausedAt.value
  if (since !== undefined) {
    const n = behind.value
    return (
      <p class="standing paused">
        <span class="dot" aria-hidden="true" />
        <b>Paused</b> since {clock(since)} ·{' '}
        {n === null ? 'the stream has begun anew' : `${count(n)} ${n === 1 ? 'publication' : 'publications'} behind`}
      </p>
    )
  }
  if (!reachable.value) {
    return (
      <p class="standing lost">
        <span class="dot" aria-hidden="true" />
        <b>Reconnecting</b> · what is shown is from before
      </p>
    )
  }
  const version = stream.pace.value?.version ?? 0
  if (ageMs === undefined || ageMs > quietMs) {
    return (
      <p class="standing quiet">
        <span class="dot" aria-hidden="true" />
        <b>Quiet</b> · no new event{ageMs === undefined ? ' yet' : ` for ${duration(ageMs)}`}
      </p>
    )
  }
  return (
    <p class="standing live">
      <span key={version} class="dot" aria-hidden="true" />
      <b>Live</b> · publication {count(version)}
    </p>
  )
}

function PauseButton() {
  const paused = pausedAt.value !== undefined
  return (
    <button type="button" class="button" onClick={paused ? resume : pause}>
      {paused ? 'Resume' : 'Pause'}
    </button>
  )
}

function PaceFigure() {
  const perSecond = stream.pace.value?.perSecond ?? 0
  return (
    <div>
      <dt>events a second</dt>
      <dd>{perSecond < 10 ? perSecond.toFixed(1) : count(Math.round(perSecond))}</dd>
      <dd class="of">in the ten seconds before the newest</dd>
    </div>
  )
}

function FreshnessFigure() {
  const ageMs = useAgeMs()
  const last = stream.pace.value?.lastEventAt
  return (
    <div>
      <dt>age of the newest event</dt>
      <dd class="age">{ageMs === undefined ? '–' : duration(ageMs)}</dd>
      <dd class="of">{last == null ? 'none counted yet' : `made at ${clock(last)}`}</dd>
    </div>
  )
}

function TotalFigure() {
  return (
    <div>
      <dt>events landed</dt>
      <dd>{count(stream.counts.value?.landed ?? 0)}</dd>
      <dd class="of">since the stream began</dd>
    </div>
  )
}

function Bars() {
  const about = stream.about.value
  const seconds = about?.intervalSeconds ?? 1
  const pace = paceOf(stream.curve.value, seconds, bars)
  const most = Math.max(1, ...pace)
  return (
    <figure class="pulse-bars">
      <svg viewBox={`0 0 ${bars * 10} 60`} preserveAspectRatio="none" aria-hidden="true">
        {pace.map((of, i) => (
          <rect
            key={i}
            class={i === pace.length - 1 ? 'filling' : undefined}
            x={i * 10 + 1}
            width={8}
            y={60 - (of / most) * 58}
            height={(of / most) * 58}
          />
        ))}
      </svg>
      <figcaption>
        Clean events a second, by when they were made: {bars} intervals of {intervalWords(seconds)}, the last one still
        filling. Highest {most < 10 ? most.toFixed(1) : count(Math.round(most))}.
      </figcaption>
    </figure>
  )
}

import type { LivePoint, LiveRate, LiveRespondent, LiveState } from '#api'
import type { LiveReader } from '#platform'

const boroughs = ['K', 'M', 'Q', 'R', 'X'] as const
const respondents = ['student', 'teacher', 'parent'] as const
const usual: Readonly<Record<LiveRespondent, number>> = { student: 0.82, teacher: 0.74, parent: 0.51 }
const intervalMs = 10_000

/** A season that a test moves on: every state follows from the one before, as a lake's would. */
export interface Season {
  readonly reader: LiveReader
  state(): LiveState | undefined
  /** Publishes so many events more, the newest made at `nowMs`. */
  publish(events: number, nowMs?: number): LiveState
  change(parts: Partial<LiveState>): void
  /** Empties the lake. */
  empty(): void
}

export function season({ seed = 1, startMs = Date.now() }: { seed?: number; startMs?: number } = {}): Season {
  const chance = chances(seed)
  const watchers = new Set<() => void>()
  let offsets = [0, 0, 0]
  let made = 0
  let state: LiveState | undefined
  let schools = new Map<string, { invited: number; responded: number; borough: string; respondent: LiveRespondent }>()

  function tell(): void {
    for (const watcher of watchers) watcher()
  }

  function publish(events: number, nowMs = Date.now()): LiveState {
    const curve = new Map(
      (state?.curve ?? []).map((point) => [`${point.at} ${point.borough} ${point.respondent}`, point]),
    )
    const newest: LiveState['newest'][number][] = []
    const done = Math.min(0.97, 0.25 + 0.7 * (1 - Math.exp(-made / 40_000)))
    for (let i = events; i > 0; i -= 1) {
      const borough = boroughs[Math.floor(chance() ** 1.4 * 5)] ?? 'K'
      const respondent = respondents[Math.floor(chance() * 3)] ?? 'student'
      const number = Math.floor(chance() * 300)
      const invited = 40 + ((number * 37) % 700)
      const share = usual[respondent] * done * (0.85 + 0.3 * chance()) * (1 - boroughs.indexOf(borough) * 0.035)
      const responded = Math.min(invited, Math.round(invited * share))
      const dbn = `${String(1 + (number % 32)).padStart(2, '0')}${borough}${String(number).padStart(3, '0')}`
      const eventMs = nowMs - Math.floor((i - 1) * (1_000 / events))
      const at = new Date(Math.floor(eventMs / intervalMs) * intervalMs).toISOString()
      const key = `${at} ${borough} ${respondent}`
      const point: LivePoint = curve.get(key) ?? { at, borough, respondent, events: 0, invited: 0, responded: 0 }
      curve.set(key, {
        ...point,
        events: point.events + 1,
        invited: point.invited + invited,
        responded: point.responded + responded,
      })
      schools.set(`${dbn} ${respondent}`, { invited, responded, borough, respondent })
      const partition = Math.floor(chance() * 3)
      const offset = offsets[partition] ?? 0
      offsets[partition] = offset + 1
      made += 1
      if (i <= 20 || offset % 50 === 0) {
        const eventId = `${made.toString(16).padStart(12, '0')}-${seed}`
        newest.unshift({
          eventId,
          partition,
          offset,
          dbn,
          respondent,
          invited,
          responded,
          eventAt: new Date(eventMs).toISOString(),
        })
      }
    }
    const landed = offsets.reduce((sum, offset) => sum + offset, 0)
    const quarantined = Math.floor(landed * 0.004)
    const duplicates = Math.floor(landed * 0.01)
    const superseded = Math.floor(landed * 0.002)
    state = {
      dataset: 'survey_live',
      title: 'Survey season, simulated',
      topic: 'school_climate_stream',
      simulated: true,
      schoolYear: 2026,
      finalYear: 2025,
      version: (state?.version ?? -1) + 1,
      publishedAt: new Date(nowMs + 300).toISOString(),
      lastEventAt: new Date(nowMs).toISOString(),
      perSecond: events,
      counts: { landed, silver: landed - quarantined - duplicates - superseded, quarantined, duplicates, superseded },
      partitions: offsets.map((offset, partition) => ({
        partition,
        landed: offset,
        end: partition === 2 ? null : offset + Math.floor(chance() * 900),
      })),
      intervalSeconds: intervalMs / 1_000,
      curve: [...curve.values()],
      rates: ratesOf(schools),
      newest,
      rules: [
        ruleOf(
          'more_answers_than_invited',
          Math.ceil(quarantined * 0.6),
          offsets,
          'responded 812 is more than invited 640',
        ),
        ruleOf('not_a_school', Math.floor(quarantined * 0.4), offsets, 'dbn 99Z999 is not a school of New York City'),
      ].filter((rule) => rule.quarantined > 0),
      tests: { passed: 21, failed: 0, warned: 0 },
      held: null,
      logFault: null,
    }
    tell()
    return state
  }

  if (startMs < Date.now()) {
    for (let atMs = startMs; atMs < Date.now() - 1_000; atMs += intervalMs / 2) publish(120, atMs)
  }

  return {
    publish,
    state: () => state,
    change(parts) {
      if (state !== undefined) state = { ...state, ...parts }
      tell()
    },
    empty() {
      state = undefined
      offsets = [0, 0, 0]
      schools = new Map()
      tell()
    },
    reader: {
      state: async () => state,
      watch(onChange, signal) {
        watchers.add(onChange)
        onChange()
        return new Promise((resolve) => {
          signal.addEventListener('abort', () => {
            watchers.delete(onChange)
            resolve()
          })
        })
      },
    },
  }
}

type Report = { invited: number; responded: number; borough: string; respondent: LiveRespondent }

function ratesOf(schools: ReadonlyMap<string, Report>): LiveRate[] {
  const groups = new Map<string, { schools: number; invited: number; responded: number }>()
  for (const { borough, respondent, invited, responded } of schools.values()) {
    const key = `${borough} ${respondent}`
    const group = groups.get(key) ?? { schools: 0, invited: 0, responded: 0 }
    group.schools += 1
    group.invited += invited
    group.responded += responded
    groups.set(key, group)
  }
  return boroughs.flatMap((borough, i) =>
    respondents.flatMap((respondent) => {
      const group = groups.get(`${borough} ${respondent}`)
      if (group === undefined) return []
      const final = borough === 'R' && respondent === 'student' ? null : usual[respondent] * (1 - i * 0.035)
      return { borough, respondent, ...group, final, finalSchools: final === null ? 0 : Math.max(1, group.schools - 3) }
    }),
  )
}

function ruleOf(rule: string, quarantined: number, offsets: readonly number[], message: string) {
  const examples = offsets.slice(0, 3).map((offset, partition) => ({
    partition,
    offset: Math.max(0, offset - 7),
    received: '{"event_id":"0191","dbn":"99Z999","respondent":"parent","invited":640,"responded":812}',
    message,
  }))
  return { rule, quarantined, examples }
}

/** Mulberry32: the same seed, the same season. */
function chances(seed: number): () => number {
  let a = seed
  return () => {
    a = (a + 0x6d2b79f5) | 0
    let t = Math.imul(a ^ (a >>> 15), 1 | a)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { BuildResult } from '#port'
import type { Workshop } from './project.ts'
import { inWorkshop, troubles } from './project.ts'
import { emptySilver } from './silver.ts'

/** A row of `silver.survey_live`. */
interface Report {
  readonly source: string
  readonly partition: number
  readonly offset: number
  readonly dbn: string
  readonly schoolYear: number
  readonly respondent: string
  readonly invited: number
  readonly responded: number
  readonly eventMs: number
}

const seasonMs = Date.UTC(2026, 1, 2, 8)

/** Reports as a topic brings them: partition by partition in order of offset, with offsets missing where Silver has no row, some late, some at the same instant. */
function reports(count: number, source = 'topic-1', schoolYear = 2026): readonly Report[] {
  const next = [0, 0, 0]
  let state = count + source.length
  const random = (below: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    return (state >>> 8) % below
  }
  return Array.from({ length: count }, (_, at) => {
    const school = random(12)
    const partition = school % 3
    const offset = next[partition] ?? 0
    next[partition] = offset + 1 + (random(10) === 0 ? 2 : 0)
    const lateMs = random(8) === 0 ? random(40_000) : 0
    const invited = random(20) === 0 ? 0 : 100 + school + Math.floor(at / 10)
    return {
      source,
      partition,
      offset,
      dbn: `0${1 + (school % 6)}${'MXKQR'[school % 5]}${100 + school}`,
      schoolYear,
      respondent: ['student', 'teacher', 'parent'][random(3)] ?? '',
      invited,
      responded: random(invited + 1),
      eventMs: seasonMs + 100 * Math.floor(at / 4) - lateMs,
    }
  })
}

/** Makes Silver's table hold these reports and no others: what it gained, as the platform attaches it, or all. */
async function silverOf({ engine }: Workshop, rows: readonly Report[]): Promise<void> {
  await engine.run('delete from silver.survey_live')
  if (rows.length === 0) return
  const values = rows.map(
    (row) =>
      `('${row.source}-${row.partition}-${row.offset}', '${row.dbn}', ${row.schoolYear}, '${row.respondent}', ${row.invited}, ${row.responded}, '${new Date(row.eventMs).toISOString()}'::timestamptz, '${row.source}', ${row.partition}, ${row.offset})`,
  )
  await engine.run(
    `insert into silver.survey_live (event_id, dbn, school_year, respondent, invited, responded, event_at, source, "partition", "offset") values ${values.join(', ')}`,
  )
}

const tables = {
  progress:
    'select source, "partition", dbn, respondent, school_year, invited, responded, epoch_ms(event_at), event_offset, epoch_ms(first_event_at), events, next_offset from gold.live_progress order by all',
  curve:
    'select source, "partition", epoch_ms(bucket_at), borough, respondent, events, invited, responded, next_offset from gold.live_curve order by all',
  response:
    'select dbn, school_year, borough, student_response_rate, student_invited, student_responded, teacher_response_rate, teacher_invited, teacher_responded, parent_response_rate, parent_invited, parent_responded, epoch_ms(first_event_ts), epoch_ms(last_event_ts), events, simulated from gold.live_response order by all',
}

async function contents({ rows }: Workshop): Promise<Readonly<Record<string, unknown>>> {
  const all: Record<string, unknown> = {}
  for (const [name, sql] of Object.entries(tables)) all[name] = await rows(sql)
  return all
}

const buildLive = ({ build }: Workshop, fullRefresh = false): Promise<BuildResult> =>
  build({ select: ['tag:live'], fullRefresh, vars: { check_sources: true } })

async function builtLive(workshop: Workshop, fullRefresh = false): Promise<Readonly<Record<string, unknown>>> {
  const result = await buildLive(workshop, fullRefresh)
  assert.deepEqual(troubles(result), [])
  assert.ok(result.tests.passed > 20)
  return contents(workshop)
}

/** What the three tables are to hold, reckoned from the reports alone. */
function expected(all: readonly Report[]): Readonly<Record<string, unknown>> {
  const isNewer = (a: Report, b: Report): boolean =>
    a.eventMs > b.eventMs || (a.eventMs === b.eventMs && a.offset > b.offset)
  const newest = (of: readonly Report[]): Report => of.reduce((best, each) => (isNewer(each, best) ? each : best))
  const groups = (key: (report: Report) => string, of = all) => [...Map.groupBy(of, key).values()]
  const sum = (of: readonly Report[], value: (report: Report) => number) =>
    of.reduce((total, each) => total + value(each), 0)
  const nextOf = (of: readonly Report[]) => Math.max(...of.map(({ offset }) => offset)) + 1
  const bucketOf = ({ eventMs }: Report) => Math.floor(eventMs / 10_000) * 10_000

  const progress = groups((r) => `${r.source} ${r.partition} ${r.dbn} ${r.respondent}`).map((of) => {
    const last = newest(of)
    const first = Math.min(...of.map(({ eventMs }) => eventMs))
    return [
      ...[last.source, last.partition, last.dbn, last.respondent, last.schoolYear, last.invited, last.responded],
      ...[last.eventMs, last.offset, first, of.length, nextOf(of)],
    ]
  })
  const curve = groups((r) => `${r.source} ${r.partition} ${bucketOf(r)} ${r.dbn[2]} ${r.respondent}`).map((of) => {
    const [{ source, partition, dbn, respondent } = assert.fail()] = of
    return [
      ...[source, partition, bucketOf(of[0] ?? assert.fail()), dbn[2], respondent, of.length],
      ...[sum(of, ({ invited }) => invited), sum(of, ({ responded }) => responded), nextOf(of)],
    ]
  })
  const response = groups(({ dbn }) => dbn).map((of) => {
    const last = newest(of)
    const current = of.filter(({ schoolYear }) => schoolYear === last.schoolYear)
    const instants = current.map(({ eventMs }) => eventMs)
    const respondents = ['student', 'teacher', 'parent'].flatMap((respondent) => {
      const told = current.filter((each) => each.respondent === respondent)
      if (told.length === 0) return [null, null, null]
      const { invited, responded } = newest(told)
      return [invited === 0 ? null : responded / invited, invited, responded]
    })
    return [
      ...[last.dbn, last.schoolYear, last.dbn[2], ...respondents],
      ...[Math.min(...instants), Math.max(...instants), current.length, true],
    ]
  })
  return { progress: progress.sort(inOrder), curve: curve.sort(inOrder), response: response.sort(inOrder) }
}

function inOrder(a: readonly unknown[], b: readonly unknown[]): number {
  for (const [at, value] of a.entries()) {
    const other = b[at]
    if (value === other) continue
    const isLess = typeof value === 'number' ? value < Number(other) : String(value) < String(other)
    return isLess ? -1 : 1
  }
  return 0
}

const numbered = (table: unknown): unknown =>
  JSON.parse(JSON.stringify(table), (_key, value) =>
    typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value,
  )

test('live tables built batch by batch are those built at once, and those that the reports make by themselves', () =>
  inWorkshop(async (workshop) => {
    await emptySilver(workshop.engine)
    const all = reports(600)
    const truth = expected(all)
    await silverOf(workshop, all)
    const full = await builtLive(workshop, true)
    assert.deepEqual(numbered(full), truth)

    const builds = [
      { cuts: [1, 2, 51, 300, 600], attached: 'gained' },
      { cuts: [1, 2, 51, 300, 600], attached: 'whole' },
      { cuts: [599, 600], attached: 'gained' },
    ]
    for (const { cuts, attached } of builds) {
      let from = 0
      for (const to of cuts) {
        await silverOf(workshop, all.slice(attached === 'gained' ? from : 0, to))
        const built = await builtLive(workshop, from === 0)
        assert.deepEqual(numbered(built), expected(all.slice(0, to)), `${attached} up to ${to} of ${cuts}`)
        from = to
      }
      assert.deepEqual(await contents(workshop), full)
    }
  }))

test('a build without new reports leaves every table as it is', () =>
  inWorkshop(async (workshop) => {
    await emptySilver(workshop.engine)
    assert.deepEqual(await builtLive(workshop, true), { progress: [], curve: [], response: [] })
    await silverOf(workshop, reports(50))
    const before = await builtLive(workshop)
    assert.deepEqual(await builtLive(workshop), before)
    await silverOf(workshop, [])
    assert.deepEqual(await builtLive(workshop), before)
  }))

test('of two topics and two school years the newest year of each school is shown, by the newest report of either topic', () =>
  inWorkshop(async (workshop) => {
    await emptySilver(workshop.engine)
    const before = reports(120, 'topic-0', 2025).map((each) => ({ ...each, eventMs: each.eventMs - 86_400_000 }))
    const one = reports(80)
    const other = reports(90, 'topic-2').map((each) => ({ ...each, eventMs: each.eventMs + 37 }))
    await silverOf(workshop, before)
    await builtLive(workshop, true)
    await silverOf(workshop, [...one, ...other])
    const built = await builtLive(workshop)
    assert.deepEqual(numbered(built), expected([...before, ...one, ...other]))
  }))

test('a report that was lost or counted twice holds the live tables back', () =>
  inWorkshop(async (workshop) => {
    await emptySilver(workshop.engine)
    const all = reports(60)
    await silverOf(workshop, all.slice(0, 40))
    await builtLive(workshop, true)
    await workshop.engine.run(`update gold.live_curve set events = events + 1
      where (source, "partition", bucket_at, borough, respondent) in (select (source, "partition", bucket_at, borough, respondent) from gold.live_curve limit 1)`)
    await silverOf(workshop, all.slice(40))
    const held = await buildLive(workshop)
    assert.equal(held.ok, false)
    assert.ok(troubles(held).includes('live_tables_count_the_same_reports'))
    assert.deepEqual(numbered(await builtLive(workshop, true)), expected(all.slice(40)))
  }))

test('a build of everything else leaves the live half out, with its tests and those of what it reads', () =>
  inWorkshop(async (workshop) => {
    await emptySilver(workshop.engine)
    await workshop.engine.run('drop table silver.survey_live')
    const { nodes, tables: built } = await workshop.build({ vars: { check_sources: true } })
    assert.ok(!nodes.some(({ id }) => /live/.test(id)))
    assert.ok(!built.some(({ name }) => name.startsWith('live')))
    const live = await workshop.build({ select: ['tag:live'], vars: { check_sources: true } })
    assert.deepEqual(
      live.nodes.filter(({ kind }) => kind !== 'test').map(({ name }) => name),
      ['live_curve', 'live_progress', 'live_response'],
    )
  }))

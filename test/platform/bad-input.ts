/** Messages of a survey season as a broken or a hostile producer sends them: the same seed, the same bytes. */
import type { NewRecord } from '#port'

/** What is due to a message of a kind: its rule, 'silver', 'displaced', or 'quarantine' by one rule or another. */
export type Due = 'silver' | 'displaced' | 'quarantine' | { readonly rule: string }

interface Dice {
  /** From 0, below `below`. */
  whole(below: number): number
}

type Report = Readonly<Record<string, unknown>>

interface Kind {
  readonly name: string
  readonly due: Due
  /** What is due while values have their full size, where that is something else. */
  readonly vast?: Due
  make(report: Report, dice: Dice, round: number): Pick<NewRecord, 'value'> & Partial<NewRecord>
}

export const partitions = 3

/** How many rounds have values of full size: the first. */
const vastRounds = 1
const vastBytes = 20_000_000
const vastDepth = 100_000

const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text))
const json = (report: Report): { value: Uint8Array } => ({ value: bytes(JSON.stringify(report)) })
const oneOf = <T>(dice: Dice, from: readonly T[]): T => from[dice.whole(from.length)] as T
const sizeAt = (round: number): number => (round < vastRounds ? vastBytes : 2_000)
const depthAt = (round: number): number => (round < vastRounds ? vastDepth : 300)
/** The JSON of a report with this text put in before its end. */
const withMember = (report: Report, member: string) => ({
  value: bytes(`${JSON.stringify(report).slice(0, -1)},${member}}`),
})
const kind = (name: string, due: Due, make: Kind['make']): Kind => ({ name, due, make })
/** Too large to be read in the first round. */
const long = (name: string, due: Due, make: Kind['make']): Kind => ({ name, due, vast: rule('too_large'), make })
const rule = (name: string): Due => ({ rule: name })
const wrong = (name: string, due: Due, members: (dice: Dice) => Report): Kind =>
  kind(name, due, (report, dice) => json({ ...report, ...members(dice) }))
const raw = (name: string, due: Due, value: (text: string, dice: Dice) => string): Kind =>
  kind(name, due, (report, dice) => ({ value: bytes(value(JSON.stringify(report), dice)) }))

export const kinds: readonly Kind[] = [
  kind('good', 'silver', json),
  raw('truncated', rule('not_json'), (text, dice) => text.slice(0, 1 + dice.whole(text.length - 2))),
  raw('followed by more', rule('not_json'), (text, dice) => text + oneOf(dice, ['}', ' x', text, ',', '\u0000'])),
  raw('no JSON object', rule('not_json'), (text, dice) =>
    oneOf(dice, [`[${text}]`, '1', '""', 'null', 'true', JSON.stringify(text), '[]', '-', '{', 'dbn=01M001']),
  ),
  raw('with a byte order mark', rule('not_json'), (text) => `\ufeff${text}`),
  raw('half a surrogate pair', rule('not_json'), (text) => text.replace('01M', '\\ud800')),
  raw('a line end within a text', rule('not_json'), (text) => text.replace('01M', '01\nM')),
  kind('not UTF-8', rule('not_utf8'), (report, dice) => {
    const { value } = json(report)
    value[dice.whole(value.length)] = oneOf(dice, [0x80, 0xc0, 0xff, 0xed, 0xf8])
    return { value }
  }),
  kind('any bytes', 'quarantine', (_, dice) => ({
    value: Uint8Array.from({ length: 1 + dice.whole(400) }, () => dice.whole(256)),
  })),
  kind('no bytes', rule('not_json'), () => ({ value: new Uint8Array(0) })),
  kind('null value', rule('no_value'), () => ({ value: null })),
  kind('null key and value', rule('no_value'), () => ({ key: null, value: null })),
  kind('null key', 'silver', (report) => ({ key: null, ...json(report) })),
  // Of members of one name the first is read.
  raw('a good member twice', 'silver', (text) => `${text.slice(0, -1)},"dbn":"nowhere","invited":-1}`),
  raw('a bad member twice', rule('not_a_school'), (text) => `{"dbn":"nowhere",${text.slice(1)}`),
  kind('deep', 'silver', (report, _, round) => {
    const depth = depthAt(round)
    return withMember(report, `"more":${'[{"a":'.repeat(depth)}1${'}]'.repeat(depth)}`)
  }),
  kind('deep where a text is due', rule('not_a_school'), (report, _, round) => {
    const depth = depthAt(round)
    return { value: bytes(`{"dbn":${'['.repeat(depth)}${']'.repeat(depth)},${JSON.stringify(report).slice(1)}`) }
  }),
  kind('deep and never closed', rule('not_json'), (report, dice, round) =>
    withMember(report, `"more":${oneOf(dice, ['[', '{"a":', '[{"a":']).repeat(depthAt(round))}`),
  ),
  long('a long member beside', 'silver', (report, _, round) => json({ ...report, more: 'x'.repeat(sizeAt(round)) })),
  long('a long member that is read', rule('not_a_school'), (report, _, round) =>
    json({ ...report, dbn: '7'.repeat(sizeAt(round)) }),
  ),
  long('a long key of its row', 'silver', (report, _, round) =>
    json({ ...report, event_id: `${report.event_id} ${'é'.repeat(sizeAt(round) / 2)}` }),
  ),
  long('long and no JSON', rule('not_json'), (_, __, round) => ({ value: new Uint8Array(sizeAt(round)).fill(0x20) })),
  kind('a number without end', 'quarantine', (report, dice, round) =>
    withMember({ ...report, invited: undefined }, `"invited":${1 + dice.whole(9)}${'0'.repeat(depthAt(round))}`),
  ),
  kind('many members', 'silver', (report, dice) =>
    json({
      ...report,
      ...Object.fromEntries(Array.from({ length: 60 }, (_, at) => [`m${dice.whole(1e6)}-${at}`, at])),
    }),
  ),
  kind('huge', 'quarantine', (report, dice) =>
    withMember(
      { ...report, invited: undefined },
      `"invited":${oneOf(dice, ['1e400', '-1e400', '9e307', '1e-300', 'NaN', 'Infinity', '-Infinity', '9007199254740993', '2147483648'])}`,
    ),
  ),
  wrong('a school that is none', rule('not_a_school'), (dice) => ({
    dbn: oneOf<unknown>(dice, [7, true, null, [], {}, '', ' ', '01X', '99Z999', "01M015'; --", '\u0000']),
  })),
  wrong('nobody who answers', rule('unknown_respondent'), (dice) => ({
    respondent: oneOf<unknown>(dice, [7, false, null, ['student'], { is: 'student' }, '', 'STUDENT', 'pupil']),
  })),
  wrong('a year that is none', 'quarantine', (dice) => ({
    school_year: oneOf<unknown>(dice, [1999, 2101, 1e300, 'then', null, [], {}, 2020.5, true, '٢٠٢٠']),
  })),
  wrong('a count that is none', 'quarantine', (dice) => ({
    invited: oneOf<unknown>(dice, ['many', null, [], {}, true, 1.5, '0x10', '1_000', '', '--1', '1e', '∞']),
  })),
  wrong('less than nothing', rule('negative_count'), (dice) => ({ responded: -1 - dice.whole(1e6) })),
  wrong('more than were asked', rule('more_answers_than_invited'), (dice) => ({ responded: 101 + dice.whole(1e6) })),
  wrong('no instant', 'quarantine', (dice) => ({
    event_ts: oneOf<unknown>(dice, [
      ...['yesterday', '', null, 7, {}, [], '2026-02-30T00:00:00Z', '2026-01-01T25:00:00Z', '24:00'],
      ...['infinity', '-infinity', 'epoch', '99999-01-01T00:00:00Z', '290000-01-01', '2026-01-01 (BC)'],
    ]),
  })),
  wrong('no identity', rule('no_event_id'), (dice) => ({ event_id: oneOf<unknown>(dice, [null, '', ' ', '\t\n']) })),
  kind('a member less', 'quarantine', (report, dice) =>
    json({ ...report, [oneOf(dice, Object.keys(report))]: undefined }),
  ),
  kind('an unknown layout', 'quarantine', (report, dice) => ({
    ...json(report),
    headers: [
      { key: 'layout', value: bytes(oneOf(dice, ['none', '', 'message', "'"])) },
      { key: oneOf(dice, ['', 'layout', 'é'.repeat(500)]), value: null },
    ],
  })),
  kind('headers of any bytes', 'silver', (report, dice) => ({
    ...json(report),
    headers: [{ key: oneOf(dice, ['', 'error', 'layout']), value: Uint8Array.from([0xff, dice.whole(256)]) }],
  })),
  kind('sent again', 'displaced', (_, __, round) => json(goodReport(round * kinds.length))),
]

/** Of a record at its place in a topic to which all were sent in their order: its kind, and whether values had their full size then. */
const numberSql = `("offset" * ${partitions} + "partition")`
export const kindSql = `${numberSql} % ${kinds.length}, ${numberSql} < ${vastRounds * kinds.length}`

/** Record number `at` of all. */
export function badRecord(at: number, seed: number): NewRecord {
  const round = Math.floor(at / kinds.length)
  const made = kinds[at % kinds.length]?.make(goodReport(at), diceOf(at, seed), round)
  if (made === undefined) throw new TypeError('a number from 0 is due')
  return { partition: at % partitions, key: bytes(`key ${at}`), headers: [], ...made }
}

function goodReport(at: number): Report {
  return {
    ...{ event_id: `report ${at}`, dbn: `01M${String(at % 1000).padStart(3, '0')}`, school_year: 2026 },
    ...{ respondent: 'student', invited: 100, responded: at % 100 },
    event_ts: new Date(Date.UTC(2026, 0, 1) + at * 1000).toISOString(),
  }
}

/** Mulberry32. */
function diceOf(at: number, seed: number): Dice {
  let state = Math.imul(at + 1, 0x9e3779b1) ^ seed
  return {
    whole(below) {
      state = (state + 0x6d2b79f5) | 0
      let mixed = Math.imul(state ^ (state >>> 15), state | 1)
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
      return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below)
    },
  }
}

import type { Dialect } from '#compile'
import { compileClean, messageValue } from '#compile'
import type { Binding, Contract } from '#contract'
import { bindHeaders, bindMessage, matchLayout } from '#contract'
import type { Snapshot } from '#lake'
import { Fault } from '#port'
import { filesThatMayHold, soughtTexts } from './clean-bounds.ts'
import { sourcesOfFiles } from './clean-standing.ts'
import type { Work } from './clean-work.ts'
import { attachFiles } from './exchange.ts'

/** Records that were typed: where they came from, and what could be told of them beforehand. */
export interface Parsed {
  readonly records: number
  /** Topic by source. */
  readonly topics: ReadonlyMap<string, string>
  /** Keys under which a person's name or phone stands in them. */
  readonly privateKeys: readonly string[]
}

/** Records of one shape are typed by one select. */
interface Group {
  readonly binding: Binding | undefined
  /** SQL condition over Bronze. */
  readonly where: string
  readonly topic: boolean
}

interface Shape {
  readonly source: string
  readonly topic: string
  readonly layout: string | undefined
  /** JSON array; undefined where the record names no layout, or is no JSON object. */
  readonly members: string | undefined
  readonly count: number
}

const toldFields = { column: 'string', received: 'string', message: 'string' } as const

/** What was told of a record that broke a rule: its column, what was received, or the message. */
export function toldOf(field: keyof typeof toldFields, { item, member }: Dialect): string {
  return member(item('_told', 1), field)
}

/** A statement of more selects than this is dear to plan. */
const selectsAtOnce = 50

/**
 * Types the Bronze records of a relation into another, which `work` names `target`. A file's records have the layout that its landing found. A message has its contract's layout for messages,
 * or, where it was sent again from a file, the one that its header `layout` names, with its own members as headers: what comes of a record hangs on nothing beside it.
 */
export async function parseRecords(
  work: Work,
  relation: string,
  target: string,
  file: Snapshot | undefined,
): Promise<Parsed> {
  const { contract, dialect, effects } = work
  const { identifier: id, literal } = dialect
  const layout = dialect.header(id('headers'), 'layout')
  const members = `CASE WHEN ${layout} IS NOT NULL THEN ${dialect.memberNames(dialect.decode(messageValue(dialect)))} END`
  const shapesIn = async (named: string): Promise<Shape[]> => {
    const { rows } = await effects.engine.query(
      `SELECT source, max(topic), ${layout} AS layout, ${named} AS members, count(*) FROM ${relation} GROUP BY source, layout, members ORDER BY source, layout, members`,
    )
    return rows.map(([source, topic, name, keys, count]) => ({
      source: String(source),
      topic: String(topic),
      layout: name === null ? undefined : String(name),
      members: keys === null ? undefined : String(keys),
      count: Number(count),
    }))
  }
  // Values are looked into only where a record names a layout, which those of a file never do.
  const plain = await shapesIn('NULL')
  const present = plain.some((each) => each.layout !== undefined) ? await shapesIn(members) : plain
  const ofFiles = sourcesOfFiles(file, contract.name)
  const landed = new Set(present.map(({ source }) => source).filter((source) => ofFiles.has(source)))
  const groups = new Map<
    string,
    { binding: Binding | undefined; sources: Set<string>; where: string; topic: boolean }
  >()
  const put = (key: string, source: string, make: () => Omit<Group, 'topic'>, topic: boolean): void => {
    const group = groups.get(key) ?? { ...make(), sources: new Set<string>(), topic }
    group.sources.add(source)
    groups.set(key, group)
  }
  const recorded = await readLayouts(work, landed, file)
  for (const each of present) {
    const { source } = each
    if (landed.has(source)) {
      const known = recorded.get(source)
      const make = () => ({ binding: known && bindingOf(contract, known.layout, known.headers), where: 'true' })
      put(JSON.stringify(['file', known]), source, make, false)
    } else if (each.layout === undefined) {
      const make = () => ({ binding: bindMessage(contract), where: `${layout} IS NULL` })
      put('message', source, make, true)
    } else {
      const { layout: name, members: keys } = each
      const sameMembers = keys === undefined ? `${members} IS NULL` : `${members} = ${literal(keys)}`
      const make = () => ({
        binding: bindingOf(contract, name, keys ?? '[]'),
        where: `${layout} = ${literal(name)} AND ${sameMembers}`,
      })
      put(JSON.stringify(['again', name, keys]), source, make, true)
    }
  }
  const bound = [...groups.values()]
  const whereOf = (sources: Iterable<string>, where: string): string =>
    `source IN (${[...sources].map(literal).join(', ')}) AND ${where}`
  const selectsOf = (trusted: boolean): readonly string[] =>
    bound.length === 0
      ? [compileClean(contract, undefined, { relation, where: 'false' }, dialect)]
      : bound.map(({ binding, sources, where, topic }) =>
          compileClean(
            contract,
            binding,
            // Records of one shape alone are all that there are.
            { relation, ...(bound.length === 1 ? {} : { where: whereOf(sources, where) }), topic, trusted },
            dialect,
          ),
        )
  // What is told of the few that broke a rule costs the others nothing in a list.
  const told = dialect.list([{ column: '_rule_column', received: '_received', message: '_message' }], toldFields)
  const [only, ...others] = new Set(present.map(({ source }) => source))
  const hasOneSource = only !== undefined && others.length === 0
  const rows = work.name(`${target}_rows`)
  const type = async (selects: readonly string[]): Promise<void> => {
    for (let at = 0; at < selects.length; at += selectsAtOnce) {
      const typed = selects.slice(at, at + selectsAtOnce).join('\nUNION ALL\n')
      const select = `SELECT * EXCLUDE (source, _rule_column, _received, _message), CASE WHEN _rule IS NOT NULL THEN ${told} END AS _told${hasOneSource ? '' : ', source'} FROM (${typed})`
      await effects.engine.run(`${at === 0 ? `CREATE OR REPLACE TABLE ${rows} AS` : `INSERT INTO ${rows}`} ${select}`)
    }
  }
  await trusting(contract.name, dialect, (trusted) => type(selectsOf(trusted)))
  // The records of a topic have all the same, which is not kept with each.
  const source = hasOneSource ? `, ${literal(only)} AS source` : ''
  await effects.engine.run(`CREATE OR REPLACE VIEW ${work.name(target)} AS SELECT *${source} FROM ${rows}`)
  return {
    records: present.reduce((sum, { count }) => sum + count, 0),
    topics: new Map(present.map(({ source, topic }) => [source, topic])),
    privateKeys: privateKeys(
      contract,
      bound.map(({ binding }) => binding),
    ),
  }
}

/** Datasets whose values were not all JSON. */
const distrusted = new Set<string>()

/** Work that takes less time where every value is JSON, and is done again where one was not: once, as what sent one sends more. */
async function trusting(
  dataset: string,
  { isMalformed }: Dialect,
  work: (trusted: boolean) => Promise<void>,
): Promise<void> {
  if (!distrusted.has(dataset))
    try {
      return await work(true)
    } catch (error) {
      if (!(error instanceof Fault && error.code === 'engine/sql' && isMalformed(error.message))) throw error
      distrusted.add(dataset)
    }
  await work(false)
}

/** What the landing recorded of each file: which layout took it, and the keys of its records. */
export async function readLayouts(
  { contract, dialect, effects, place, name }: Work,
  sources: ReadonlySet<string>,
  file: Snapshot | undefined,
): Promise<ReadonlyMap<string, { layout: string; headers: string }>> {
  if (sources.size === 0 || file === undefined) return new Map()
  const files = filesThatMayHold(file.files, [soughtTexts('source', sources)])
  await attachFiles(place('file'), { root: 'bronze/file', columns: file.columns, files }, effects)
  const { rows } = await effects.engine.query(
    `SELECT source, layout, headers FROM ${name('file')}
      WHERE dataset = ${dialect.literal(contract.name)} AND layout IS NOT NULL ORDER BY fetched_at, name`,
  )
  return new Map(
    rows.map(([source, layout, headers]) => [String(source), { layout: String(layout), headers: String(headers) }]),
  )
}

function bindingOf(contract: Contract, name: string, headersJson: string): Binding | undefined {
  const parsed: unknown = JSON.parse(headersJson)
  const headers = Array.isArray(parsed) ? parsed.map(String) : []
  const layout =
    contract.layouts.find((each) => each.name === name) ??
    // The contract was rewritten since: the layout has another name, or another takes these records.
    (['csv', 'socrata', 'geojson', 'topojson'] as const)
      .map((format) => matchLayout(contract, format, headers))
      .find((each) => each !== undefined)
  return layout?.format === 'message' ? bindMessage(contract) : layout && bindHeaders(layout, headers)
}

function privateKeys(contract: Contract, bindings: readonly (Binding | undefined)[]): readonly string[] {
  const dropped = Object.values(contract.columns).filter(({ privacy }) => privacy === 'drop')
  const keys = dropped.flatMap(({ from = [] }) => [
    ...from,
    ...bindings.flatMap((binding) => binding?.keyOf(from) ?? []),
  ])
  return [...new Set(keys)]
}

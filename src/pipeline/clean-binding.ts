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
  readonly sources: Set<string>
  /** SQL condition over the records of these sources. */
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
 * Types the Bronze records of a relation into another, which `work` names `target`. A file's records have the layout that its landing found. A message has its
 * contract's layout for messages, or, where it was sent again from a file, the one that its header `layout` names, with its own members as headers: what comes of
 * a record hangs on nothing beside it.
 */
export async function parseRecords(
  work: Work,
  relation: string,
  target: string,
  file: Snapshot | undefined,
): Promise<Parsed> {
  const { contract, dialect, name, effects } = work
  const shapes = await shapesIn(relation, work)
  const groups = await groupsOf(shapes, work, file)
  const sources = [...new Set(shapes.map(({ source }) => source))]
  // The records of a topic have all the same source, which is not kept with each.
  const only = sources.length === 1 ? sources[0] : undefined
  const rows = name(`${target}_rows`)
  await trusting(contract.name, dialect, (trusted) =>
    typeRows(selectsOf(groups, relation, trusted, work), rows, only === undefined, work),
  )
  const source = only === undefined ? '' : `, ${dialect.literal(only)} AS source`
  await effects.engine.run(`CREATE OR REPLACE VIEW ${name(target)} AS SELECT *${source} FROM ${rows}`)
  return {
    records: shapes.reduce((sum, { count }) => sum + count, 0),
    topics: new Map(shapes.map(({ source: from, topic }) => [from, topic])),
    privateKeys: privateKeys(
      contract,
      groups.map(({ binding }) => binding),
    ),
  }
}

/** SQL of the layout that a record names. */
const layoutOf = ({ dialect }: Work): string => dialect.header(dialect.identifier('headers'), 'layout')

/** SQL of a record's members, where it names a layout. */
const membersOf = (work: Work): string =>
  `CASE WHEN ${layoutOf(work)} IS NOT NULL THEN ${work.dialect.memberNames(work.dialect.decode(messageValue(work.dialect)))} END`

async function shapesIn(relation: string, work: Work): Promise<readonly Shape[]> {
  const shapesBy = async (named: string): Promise<readonly Shape[]> => {
    const { rows } = await work.effects.engine.query(
      `SELECT source, max(topic), ${layoutOf(work)} AS layout, ${named} AS members, count(*) FROM ${relation} GROUP BY source, layout, members ORDER BY source, layout, members`,
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
  const plain = await shapesBy('NULL')
  return plain.some((each) => each.layout !== undefined) ? shapesBy(membersOf(work)) : plain
}

async function groupsOf(shapes: readonly Shape[], work: Work, file: Snapshot | undefined): Promise<readonly Group[]> {
  const { contract, dialect } = work
  const { literal } = dialect
  const ofFiles = sourcesOfFiles(file, contract.name)
  const landed = new Set(shapes.map(({ source }) => source).filter((source) => ofFiles.has(source)))
  const recorded = await readLayouts(work, landed, file)
  const groups = new Map<string, Group>()
  const put = (key: string, source: string, make: () => Omit<Group, 'sources'>): void => {
    const group = groups.get(key) ?? { ...make(), sources: new Set<string>() }
    group.sources.add(source)
    groups.set(key, group)
  }
  for (const { source, layout, members } of shapes) {
    if (landed.has(source)) {
      const known = recorded.get(source)
      const binding = () => known && bindingOf(contract, known.layout, known.headers)
      put(JSON.stringify(['file', known]), source, () => ({ binding: binding(), where: 'true', topic: false }))
    } else if (layout === undefined) {
      const where = `${layoutOf(work)} IS NULL`
      put('message', source, () => ({ binding: bindMessage(contract), where, topic: true }))
    } else {
      const same = members === undefined ? `${membersOf(work)} IS NULL` : `${membersOf(work)} = ${literal(members)}`
      const where = `${layoutOf(work)} = ${literal(layout)} AND ${same}`
      const binding = () => bindingOf(contract, layout, members ?? '[]')
      put(JSON.stringify(['again', layout, members]), source, () => ({ binding: binding(), where, topic: true }))
    }
  }
  return [...groups.values()]
}

/** One select for each group, or one that finds nothing. */
function selectsOf(
  groups: readonly Group[],
  relation: string,
  trusted: boolean,
  { contract, dialect }: Work,
): readonly string[] {
  if (groups.length === 0) return [compileClean(contract, undefined, { relation, where: 'false' }, dialect)]
  return groups.map(({ binding, sources, where, topic }) => {
    const own = `source IN (${[...sources].map(dialect.literal).join(', ')}) AND ${where}`
    // Records of one shape alone are all that there are.
    const from = groups.length === 1 ? { relation } : { relation, where: own }
    return compileClean(contract, binding, { ...from, topic, trusted }, dialect)
  })
}

async function typeRows(
  selects: readonly string[],
  rows: string,
  hasSource: boolean,
  { dialect, effects }: Work,
): Promise<void> {
  // What is told of the few that broke a rule costs the others nothing in a list.
  const told = dialect.list([{ column: '_rule_column', received: '_received', message: '_message' }], toldFields)
  for (let at = 0; at < selects.length; at += selectsAtOnce) {
    const typed = selects.slice(at, at + selectsAtOnce).join('\nUNION ALL\n')
    const select = `SELECT * EXCLUDE (source, _rule_column, _received, _message), CASE WHEN _rule IS NOT NULL THEN ${told} END AS _told${hasSource ? ', source' : ''} FROM (${typed})`
    await effects.engine.run(`${at === 0 ? `CREATE OR REPLACE TABLE ${rows} AS` : `INSERT INTO ${rows}`} ${select}`)
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

import type { ColumnSpec, Contract } from '#contract'
import { keptColumns } from './column.ts'
import type { Dialect } from './dialect.ts'

/** A member, or several, of the JSON object in `missing`. */
export interface MissingMember {
  /** SQL, true where it is in. */
  readonly isMissing: string
  /** SQL of `"column":"what stood there"`; null where nothing is missing. */
  readonly member: string
}

/** The start of a member of the JSON object in `missing`. */
const memberName = (column: string): string => `${JSON.stringify(column)}:`

export function missingMember(
  column: string,
  isMissing: string,
  shown: string,
  { literal }: Pick<Dialect, 'literal'>,
): MissingMember {
  return { isMissing, member: `CASE WHEN ${isMissing} THEN ${literal(memberName(column))} || ${shown} END` }
}

interface NumberGroup {
  readonly markers: readonly string[]
  readonly type: 'integer' | 'long'
  readonly columns: string[]
  /** SQL of each column's text, as received. */
  readonly raws: string[]
}

/** A list costs a row more than so many columns of its own do, and their SQL is planned in a few milliseconds. */
const fewNumbers = 16

/**
 * Numbers that stand in their columns as they are, which most do. Many are made as one list for each set of markers: the SQL stays short, and planning it
 * costs less than running it. A text that is no number becomes NaN, which is no value of a contract; a marker that is a number is compared as a number.
 */
export function numberRegistry(contract: Contract, dialect: Dialect) {
  const { identifier: id, literal } = dialect
  const groups = new Map<string, NumberGroup>()
  const all = new Set<string>()
  const numeric = keptColumns(contract).filter(([, { type }]) => ['integer', 'long', 'double'].includes(type))
  const areFew = numeric.length <= fewNumbers
  const item = (name: string, index: number, at: number): string =>
    areFew ? id(`_${name}${index}_${at}`) : dialect.item(id(`_${name}${index}`), at)
  /** Columns that are made from columns of the step before, list by list or number by number. */
  const mapped = (name: string, from: string, write: (value: string, group: NumberGroup) => string) =>
    [...groups.values()].flatMap((group, index): (readonly [string, string])[] =>
      areFew
        ? group.raws.map((_, i) => [`_${name}${index}_${i + 1}`, write(item(from, index, i + 1), group)])
        : [[`_${name}${index}`, dialect.map(id(`_${from}${index}`), (value) => write(value, group))]],
    )
  const shown = (raw: string): string => dialect.jsonText(`COALESCE(${dialect.trim(raw)}, '')`)
  const isWide = (column: string): boolean => contract.columns[column]?.wide !== false
  return {
    has: (column: string): boolean => all.has(column),
    add(column: string, spec: ColumnSpec, raw: string, markers: readonly string[]): { number: string; whole: string } {
      const type = spec.type === 'long' ? 'long' : 'integer'
      const key = JSON.stringify([type, ...[...markers].sort()])
      const group: NumberGroup = groups.get(key) ?? { markers, type, columns: [], raws: [] }
      groups.set(key, group)
      all.add(column)
      group.columns.push(column)
      const at = group.raws.push(raw)
      const index = [...groups.keys()].indexOf(key)
      return { number: item('n', index, at), whole: item('w', index, at) }
    },
    textColumns: () =>
      [...groups.values()].flatMap(({ raws }, index): (readonly [string, string])[] =>
        areFew ? raws.map((raw, i) => [`_r${index}_${i + 1}`, raw]) : [[`_r${index}`, dialect.values(raws, 'string')]],
      ),
    readColumns: () =>
      mapped('d', 'r', (text, { markers }) => numberOf(text, markers, contract.withheld ?? [], dialect)),
    /** A step of its own: what is compared and kept is reckoned twice where it stands. */
    numberColumns: () => mapped('n', 'd', (number, { markers }) => unlessMarker(number, markers, dialect)),
    wholeColumns: () => mapped('w', 'n', (number, { type }) => dialect.whole(number, type)),
    /** Members for the columns that stand in Silver. */
    missingMembers: (): MissingMember[] =>
      [...groups.values()].flatMap(({ columns }, index) => {
        if (areFew)
          return columns.flatMap((column, i) =>
            isWide(column)
              ? missingMember(column, `${item('n', index, i + 1)} IS NULL`, shown(item('r', index, i + 1)), dialect)
              : [],
          )
        const names = columns.map((column) => (isWide(column) ? literal(memberName(column)) : 'NULL'))
        const member = dialect.map(
          id(`_n${index}`),
          (value, number) =>
            `CASE WHEN ${value} IS NULL THEN ${dialect.item(dialect.values(names, 'string'), number)} || ${shown(dialect.item(id(`_r${index}`), number))} END`,
        )
        return { isMissing: dialect.hasNull(id(`_n${index}`)), member: dialect.joinItems(',', member) }
      }),
  }
}

function numberOf(text: string, markers: readonly string[], withheld: readonly string[], dialect: Dialect): string {
  const trimmed = dialect.trim(text)
  const missing = [dialect.isOneOf(trimmed, markers), ...withheld.map((pattern) => dialect.matches(trimmed, pattern))]
  return dialect.number(text, `CASE WHEN ${missing.join(' OR ')} THEN NULL ELSE ${dialect.notANumber} END`)
}

/** Null where a number is a marker, however that is written. */
function unlessMarker(number: string, markers: readonly string[], dialect: Dialect): string {
  const numeric = new Set(markers.filter((each) => each !== '' && Number.isFinite(Number(each))).map(Number))
  return [...numeric].reduce((made, marker) => `NULLIF(${made}, ${dialect.cast(String(marker), 'double')})`, number)
}

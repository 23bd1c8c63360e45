import type { ColumnSpec, Contract } from '#contract'
import type { Dialect } from './dialect.ts'

/** The start of a member of the JSON object in `missing`. */
export const memberName = (column: string): string => `${JSON.stringify(column)}:`

interface NumberGroup {
  readonly markers: readonly string[]
  readonly type: 'integer' | 'long'
  readonly columns: string[]
  /** SQL of each column's text, as received. */
  readonly raws: string[]
}

/**
 * Numbers that stand in their columns as they are, which most do, are made as one list for each set of markers: the SQL stays short, and planning it
 * costs less than running it. A text that is no number becomes NaN, which is no value of a contract; a marker that is a number is compared as a number.
 */
export function numberRegistry(contract: Contract, dialect: Dialect) {
  const { identifier: id, literal } = dialect
  const groups = new Map<string, NumberGroup>()
  const all = new Set<string>()
  const listed = (name: string, write: (index: number, group: NumberGroup) => string) =>
    [...groups.values()].map((group, index) => [`_${name}${index}`, write(index, group)] as const)
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
      return { number: dialect.item(id(`_n${index}`), at), whole: dialect.item(id(`_w${index}`), at) }
    },
    textColumns: () => listed('r', (_, { raws }) => dialect.values(raws, 'string')),
    numberColumns: () =>
      listed('n', (index, { markers }) =>
        dialect.map(id(`_r${index}`), (text) => numberOf(text, markers, contract.withheld ?? [], dialect)),
      ),
    wholeColumns: () =>
      listed('w', (index, { type }) => dialect.map(id(`_n${index}`), (number) => dialect.whole(number, type))),
    /** SQL of `"column":"what stood there"` for each column of the group that is null and stands in Silver. */
    missingMembers: (): string[] =>
      [...groups.values()].map(({ columns }, index) => {
        const names = columns.map((column) =>
          contract.columns[column]?.wide === false ? 'NULL' : literal(memberName(column)),
        )
        const shown = (number: string) =>
          dialect.jsonText(`COALESCE(${dialect.trim(dialect.item(id(`_r${index}`), number))}, '')`)
        return dialect.joinItems(
          ',',
          dialect.map(
            id(`_n${index}`),
            (value, number) =>
              `CASE WHEN ${value} IS NULL THEN ${dialect.item(dialect.values(names, 'string'), number)} || ${shown(number)} END`,
          ),
        )
      }),
  }
}

function numberOf(text: string, markers: readonly string[], withheld: readonly string[], dialect: Dialect): string {
  const numeric = new Set(markers.filter((each) => each !== '' && Number.isFinite(Number(each))).map(Number))
  const number = dialect.number(text)
  const trimmed = dialect.trim(text)
  const missing = [
    `${dialect.without(trimmed, markers)} IS NULL`,
    ...withheld.map((pattern) => dialect.matches(trimmed, pattern)),
  ]
  const value = [...numeric].reduce(
    (made, marker) => `NULLIF(${made}, ${dialect.cast(String(marker), 'double')})`,
    `COALESCE(${number}, CASE WHEN ${missing.join(' OR ')} THEN NULL ELSE ${dialect.notANumber} END)`,
  )
  return value
}

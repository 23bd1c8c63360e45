import type { Column } from '#port'
import type { Change, Snapshot } from './table.ts'

/**
 * What a change says of columns so that its table has at least these: all of them where there is no table, the new ones beside those that stand, or nothing
 * where none is new. What another version of us added stays.
 */
export function withColumns(newest: Snapshot | undefined, columns: readonly Column[]): Pick<Change, 'columns'> {
  if (newest === undefined) return { columns }
  const standing = new Set(newest.columns.map(({ name }) => name.toLowerCase()))
  const more = columns.filter(({ name }) => !standing.has(name.toLowerCase()))
  return more.length === 0 ? {} : { columns: [...newest.columns, ...more] }
}

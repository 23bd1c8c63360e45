import type { FileField, LeafStatistics } from '#parquet'
import { decimalOf, prefixAbove, prefixBelow, readFooter, scaled } from '#parquet'
import type { PrimitiveType } from '#port'
import { Fault } from '#port'

/** `delta.dataSkippingNumIndexedCols`: leaves beyond these get no statistics. */
const indexedLeaves = 32

/** Code points of a text that statistics keep. */
const textPrefix = 32

export interface FileSummary {
  readonly rows: number
  readonly fields: readonly FileField[]
  /** The text of an add's `stats`. */
  readonly stats: string
}

/** What a commit has to know of a data file, from its footer. Fault `lake/bad-file` for a file that Delta has no words for. */
export function summarize(parquet: Uint8Array, name: string): FileSummary {
  const { rows, fields, statistics } = readFooter(parquet, name)
  const odd = fields.find((field) => field.oddity !== undefined)
  if (odd) {
    throw new Fault('lake/bad-file', `${name} cannot go into a Delta table: in column ${odd.name}, ${odd.oddity}.`, {
      mend: 'Write instants adjusted to UTC, and whole numbers signed.',
      facts: { path: name, column: odd.name },
    })
  }
  const minValues: Tree = new Map()
  const maxValues: Tree = new Map()
  const nullCount: Tree = new Map()
  for (const leaf of statistics.slice(0, indexedLeaves)) {
    if (leaf.repeated) continue // a list's own nulls are not those of its items
    if (leaf.nullCount !== undefined) put(nullCount, leaf.path, String(leaf.nullCount))
    const { min, max } = boundsJson(leaf)
    if (min !== undefined) put(minValues, leaf.path, min)
    if (max !== undefined) put(maxValues, leaf.path, max)
  }
  return {
    rows,
    fields,
    stats: `{"numRecords":${rows},"minValues":${json(minValues)},"maxValues":${json(maxValues)},"nullCount":${json(nullCount)}}`,
  }
}

/** JSON texts by field name; written out by hand, as a long or decimal keeps all its digits only as text. */
type Tree = Map<string, string | Tree>

function put(tree: Tree, path: readonly string[], value: string): void {
  const [head = '', ...rest] = path
  if (rest.length === 0) {
    tree.set(head, value)
    return
  }
  const below = tree.get(head)
  const branch: Tree = below instanceof Map ? below : new Map()
  tree.set(head, branch)
  put(branch, rest, value)
}

function json(tree: Tree): string {
  const members = [...tree].map(
    ([key, value]) => `${JSON.stringify(key)}:${typeof value === 'string' ? value : json(value)}`,
  )
  return `{${members.join(',')}}`
}

/** Bounds that hold for every value: whatever is shortened is lowered or raised, and left out where it cannot be. */
function boundsJson({ type, min, max }: LeafStatistics): { min: string | undefined; max: string | undefined } {
  const write = writerOf(type)
  return {
    min: min === undefined ? undefined : write(min, 'min'),
    max: max === undefined ? undefined : write(max, 'max'),
  }
}

type Bound = boolean | number | bigint | string

function writerOf(type: PrimitiveType): (value: Bound, side: 'min' | 'max') => string | undefined {
  switch (type) {
    case 'string':
      return (value, side) => {
        const cut = side === 'min' ? prefixBelow(String(value), textPrefix) : prefixAbove(String(value), textPrefix)
        return cut === undefined ? undefined : JSON.stringify(cut)
      }
    case 'date':
      return (value) => JSON.stringify(new Date(Number(value) * 86_400_000).toISOString().slice(0, 10))
    case 'timestamp':
      return (value, side) => {
        const micros = BigInt(value)
        const down = micros >= 0n ? micros / 1000n : -((999n - micros) / 1000n)
        const millis = side === 'max' && down * 1000n !== micros ? down + 1n : down
        const instant = new Date(Number(millis))
        // Years beyond 9999 have no ISO form that readers agree on.
        const year = Number.isNaN(instant.getTime()) ? Number.NaN : instant.getUTCFullYear()
        return year >= 1 && year <= 9999 ? JSON.stringify(instant.toISOString()) : undefined
      }
    case 'double':
    case 'float':
      return (value) => (Number.isFinite(Number(value)) ? String(Object.is(value, -0) ? '-0.0' : value) : undefined)
    case 'boolean':
    case 'binary':
      return () => undefined // Delta's readers skip by neither
    default: {
      const decimal = decimalOf(type)
      return decimal ? (value) => scaled(BigInt(value), decimal.scale) : (value) => String(value)
    }
  }
}

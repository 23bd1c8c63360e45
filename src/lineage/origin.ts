import type { LineageKind, LineageOrigin, LineageUse } from '#api'

const kinds: readonly LineageKind[] = ['copied', 'transformed', 'aggregated']

export const mostDone = (a: LineageKind, b: LineageKind): LineageKind => (kinds.indexOf(a) > kinds.indexOf(b) ? a : b)

/** Origins after one more step: what was copied and is then summed is aggregated. */
export function through(kind: LineageKind, origins: readonly LineageOrigin[]): readonly LineageOrigin[] {
  return origins.map((origin) => ('column' in origin ? { ...origin, kind: mostDone(origin.kind, kind) } : origin))
}

/** Each origin once, a column by the most that is done to it. */
export function originSet(origins: readonly LineageOrigin[]): readonly LineageOrigin[] {
  const found = new Map<string, LineageOrigin>()
  for (const origin of origins) {
    const key = 'column' in origin ? `${origin.table}.${origin.column}` : JSON.stringify(origin)
    const known = found.get(key)
    found.set(
      key,
      known !== undefined && 'column' in known && 'column' in origin
        ? { ...origin, kind: mostDone(known.kind, origin.kind) }
        : origin,
    )
  }
  return [...found.values()]
}

/** Beside columns, a constant in a calculation or a count in a condition says nothing of where the value is from. */
export function columnsBefore(origins: readonly LineageOrigin[]): readonly LineageOrigin[] {
  const columns = origins.filter((origin) => 'column' in origin)
  return columns.length > 0 ? columns : origins
}

export function distinctUses(uses: readonly LineageUse[]): readonly LineageUse[] {
  return [...new Map(uses.map((use) => [`${use.how} ${use.table}.${use.column}`, use])).values()]
}

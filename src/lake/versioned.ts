/** Values by key as they stood at one version; stays as it is while the newest moves on. */
export interface View<T> {
  readonly size: number
  get(key: string): T | undefined
  /** In the order in which they came. */
  values(): readonly T[]
}

/** Values by key. A change costs what it changes, however much there is, and what was looked at before it stays readable. */
export interface Versioned<T> {
  put(key: string, value: T, version: number): void
  drop(key: string, version: number): void
  /** Drops what `gone` says is no longer wanted. */
  sweep(gone: (value: T) => boolean, version: number): void
  readonly size: number
  at(version: number): View<T>
  /** Another, of what came after a version. This one and the views of it stay as they are. */
  since(version: number): Versioned<T>
}

interface Entry<T> {
  readonly key: string
  readonly value: T
  readonly from: number
  /** First version that no longer has it. */
  until: number
}

/** Entries that may be gone before the list is made anew, besides as many as stand. */
const slack = 64

export function versioned<T>(): Versioned<T> {
  return versionedOf<T>([])
}

function versionedOf<T>(standing: readonly Entry<T>[]): Versioned<T> {
  const newest = new Map(standing.map((entry) => [entry.key, entry]))
  // Entries are only ever added and marked as gone, so a view of an older version needs no copy.
  let all: Entry<T>[] = [...standing]
  let changes = 0

  function drop(key: string, version: number): void {
    const entry = newest.get(key)
    if (!entry) return
    changes += 1
    entry.until = version
    newest.delete(key)
    if (all.length > 2 * newest.size + slack) all = [...newest.values()]
  }

  return {
    get size() {
      return newest.size
    },
    put(key, value, version) {
      drop(key, version)
      changes += 1
      const entry = { key, value, from: version, until: Number.POSITIVE_INFINITY }
      newest.set(key, entry)
      all.push(entry)
    },
    drop,
    sweep(gone, version) {
      for (const { key, value } of [...newest.values()]) if (gone(value)) drop(key, version)
    },
    since: (version) =>
      versionedOf([...newest.values()].filter(({ from }) => from > version).map((entry) => ({ ...entry }))),
    at(version) {
      const entries = all
      const seen = changes
      const stands = ({ from, until }: Entry<T>) => from <= version && version < until
      return {
        size: newest.size,
        get(key) {
          const entry = newest.get(key)
          if (entry && stands(entry)) return entry.value
          if (changes === seen) return undefined
          return entries.find((each) => each.key === key && stands(each))?.value
        },
        values: () => entries.filter(stands).map(({ value }) => value),
      }
    },
  }
}

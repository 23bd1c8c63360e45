import type { Contract } from './contract.ts'
import { headerKey } from './header.ts'
import type { Layout } from './layout.ts'

/** A contract bound to one shape of record: which layout it is, and under which Bronze key each header's values stand. */
export interface Binding {
  readonly layout: Layout
  /** The Bronze key of the first of these headers that the record has; undefined where it has none of them. */
  keyOf(headers: readonly string[]): string | undefined
}

/** `bronzeKeys` as `blockedHeaders` made them. A geometry stands under `geometry` whether or not it is listed. */
export function bindHeaders(layout: Layout, bronzeKeys: readonly string[]): Binding {
  const byKey = new Map<string, string>()
  const geometry = layout.format === 'geojson' || layout.format === 'topojson' ? ['geometry'] : []
  for (const key of [...bronzeKeys, ...geometry]) if (!byKey.has(headerKey(key))) byKey.set(headerKey(key), key)
  return {
    layout,
    keyOf(headers) {
      for (const header of headers) {
        const key = byKey.get(headerKey(header))
        if (key !== undefined) return key
      }
      return undefined
    },
  }
}

/** The binding of the messages of a contract's own topic; undefined where it has no layout for them. */
export function bindMessage(contract: Contract): Binding | undefined {
  const layout = contract.layouts.find(({ format }) => format === 'message')
  const members = Object.values(contract.columns).flatMap(({ from = [] }) => from.slice(0, 1))
  return layout && bindHeaders(layout, members)
}

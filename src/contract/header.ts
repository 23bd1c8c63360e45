import type { Contract } from './contract.ts'
import type { Layout } from './layout.ts'

/**
 * What headers are compared by: lower case, every run of anything but letters and digits one `_`, none at the ends.
 * `Total Parent \nResponse Rate %` and `total_parent_response_rate` are one header.
 */
export function headerKey(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '_')
    .replace(/^_|_$/g, '')
}

/**
 * The layout that takes a file with these headers (as read, before `blockedHeaders`); undefined where none does. The first in the contract's order wins.
 * With `headerRow`, only layouts whose headers stand in that record (1-based).
 */
export function matchLayout(
  contract: Contract,
  format: Layout['format'],
  headers: readonly string[],
  headerRow?: number,
): Layout | undefined {
  const present = new Set(headers.map(headerKey))
  return contract.layouts.find(
    (layout) =>
      layout.format === format &&
      (headerRow === undefined || (layout.headerRows ?? 1) === headerRow) &&
      layout.requires.every((header) => present.has(headerKey(header))) &&
      !(layout.forbids ?? []).some((header) => present.has(headerKey(header))),
  )
}

/**
 * The keys under which a record's values stand in Bronze, one for each header, unique: `<prefix> / <header>` after a block's title, `column 7` for a header
 * that is blank, ` (2)` for one that is repeated all the same.
 */
export function blockedHeaders(layout: Pick<Layout, 'blocks'>, headers: readonly string[]): string[] {
  const blocks = [...(layout.blocks ?? [])]
  let prefix: string | undefined
  const taken = new Set<string>()
  return headers.map((header, index) => {
    const next = blocks[0]
    const isTitle = next !== undefined && headerKey(header) === headerKey(next.title)
    if (isTitle) {
      prefix = next.prefix
      blocks.shift()
    }
    const text = header.trim() === '' ? `column ${index + 1}` : header
    const wanted = prefix === undefined || isTitle ? text : `${prefix} / ${text}`
    let key = wanted
    for (let again = 2; taken.has(key); again += 1) key = `${wanted} (${again})`
    taken.add(key)
    return key
  })
}

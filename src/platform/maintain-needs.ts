import { liveLine, newestPublication, rootOf, runLine } from '#pipeline'
import type { Lake } from './lake.ts'

/**
 * Oldest version of a table that something in the lake still goes by: one that a publication names, or the version of Bronze up to which Silver is cleaned.
 * Its files, and the log since then, are kept however old they are. Undefined: none.
 */
export async function neededFrom(lake: Lake, root: string): Promise<number | undefined> {
  const versions: number[] = []
  for (const line of [runLine, liveLine]) {
    const publication = await newestPublication(line, lake)
    const shown = (publication?.gold ?? []).map((each) => ({ ...each, table: `gold.${each.table}` }))
    // What is live goes on from the Silver that it counted; a run reads Silver as it stands.
    const named = line === liveLine ? [...shown, ...(publication?.silver ?? [])] : shown
    for (const { table, version } of named) if (rootOf(table) === root) versions.push(version)
  }
  if (root.startsWith('bronze/')) {
    const dataset = root.slice('bronze/'.length)
    const txns = (await lake.table(`silver/${dataset}`).snapshot())?.txns ?? new Map<string, number>()
    const cleaned = [...txns].filter(([appId]) => appId.startsWith(`clean:${dataset}:`)).map(([, version]) => version)
    // Nothing cleaned yet: Silver will be made from all of Bronze as it stands then.
    if (cleaned.length > 0) versions.push(Math.max(...cleaned))
  }
  const there = versions.filter((version) => version >= 0)
  return there.length === 0 ? undefined : Math.min(...there)
}

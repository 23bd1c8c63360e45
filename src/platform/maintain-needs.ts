import { liveLine, readPublication, rootOf, runLine } from '#pipeline'
import type { Lake } from './lake.ts'

/** Tables whose newest row names versions of others: Gold that is shown; and, by what is live, Silver that it goes on from. */
const publications = [
  { root: runLine.root, goesOnFromSilver: false },
  { root: liveLine.root, goesOnFromSilver: true },
]

/**
 * Oldest version of a table that something in the lake still goes by: one that a publication names, or the version of Bronze up to which Silver is cleaned.
 * Its files, and the log since then, are kept however old they are. Undefined: none.
 */
export async function neededFrom(lake: Lake, root: string): Promise<number | undefined> {
  const versions: number[] = []
  for (const { root: name, goesOnFromSilver } of publications) {
    const history = lake.table(name)
    const publication = await readPublication(lake.store, history, await history.snapshot())
    for (const { table, version } of publication?.gold ?? [])
      if (rootOf(`gold.${table}`) === root) versions.push(version)
    for (const { table, version } of (goesOnFromSilver && publication?.silver) || [])
      if (rootOf(table) === root) versions.push(version)
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

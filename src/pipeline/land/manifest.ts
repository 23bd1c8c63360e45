import { basename, dirname } from 'node:path/posix'
import { Fault } from '#port'
import type { SourceFile } from './source-file.ts'
import { joined } from './source-file.ts'

/** Stands in a folder of generated files and says so; what is landed from that folder, or from one inside it, is marked as sample. */
export const manifestName = 'fairlead-sample.json'

export function isManifest({ name }: Pick<SourceFile, 'name'>): boolean {
  return basename(name) === manifestName
}

/** Answers a file's seed, or null for a file that is no sample. A manifest that cannot be read stops the landing: generated data must never pass for real. */
export async function sampleSeeds(files: readonly SourceFile[]): Promise<(name: string) => string | null> {
  const seeds = new Map<string, string>()
  for (const file of files) if (isManifest(file)) seeds.set(dirname(file.name), await seedOf(file))
  return (name) => {
    for (let folder = dirname(name); ; folder = dirname(folder)) {
      const seed = seeds.get(folder)
      if (seed !== undefined) return seed
      if (folder === dirname(folder)) return null
    }
  }
}

async function seedOf(file: SourceFile): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of file.open()) chunks.push(chunk)
  let manifest: unknown
  try {
    manifest = JSON.parse(new TextDecoder().decode(joined(chunks)))
  } catch {
    // What is no JSON has no seed either; said below.
    manifest = undefined
  }
  const seed = typeof manifest === 'object' && manifest !== null && 'seed' in manifest ? manifest.seed : undefined
  if (typeof seed === 'string' || typeof seed === 'number') return String(seed)
  throw new Fault('land/manifest', `${file.name} does not say with which seed the files beside it were generated.`, {
    mend: 'Write the sample anew with fairlead sample DIR; or, if the files are real, remove this file.',
    facts: { file: file.name },
  })
}

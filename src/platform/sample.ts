import { createWriteStream } from 'node:fs'
import { mkdir, readdir, stat, utimes } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { Fault } from '#port'
import { writeSample } from '#season'
import type { SampleOptions, WriteSampleFolder } from './api.ts'

/** The sample's files into a folder that is there; times of modification are the sample's own, so that the same sample lands the same. */
export function fillSampleFolder(folder: string, sample: SampleOptions, signal: AbortSignal) {
  return writeSample(sample, {
    async writeFile(name, bytes, modifiedMs) {
      const path = join(folder, name)
      await mkdir(dirname(path), { recursive: true })
      await pipeline(Readable.from(bytes), createWriteStream(path), { signal })
      await utimes(path, modifiedMs / 1_000, modifiedMs / 1_000)
      return (await stat(path)).size
    },
  })
}

export const writeSampleFolder: WriteSampleFolder = async (folder, sample, { signal }) => {
  const [first] = await readdir(folder).catch(() => [])
  if (first !== undefined) {
    throw new Fault('land/not-empty', `${folder} already holds ${first}.`, {
      mend: 'Name a new or empty folder, so that sample files never lie among others.',
      facts: { folder },
    })
  }
  return { files: await fillSampleFolder(folder, sample, signal) }
}

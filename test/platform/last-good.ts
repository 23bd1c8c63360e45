import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { openReader } from '#platform'
import { noFailpoint } from '#port'
import { requiredLake } from '../../src/platform/lake.ts'
import { lakeHash } from './lake-hash.ts'
import { lakeOptions } from './options.ts'

/** What readers of a lake have. */
export interface Standing {
  readonly publication: number
  /** Hash of each data file that the publication names, by path. */
  readonly files: Readonly<Record<string, string>>
  /** Rows and a hash of them for each table of Gold, as `query` answers. */
  readonly answers: Readonly<Record<string, string>>
}

export async function standingIn(lake: string): Promise<Standing> {
  const reader = await openReader(lakeOptions(lake))
  const newest = await reader.newest()
  await reader.close()
  assert.ok(newest !== undefined)
  const { table } = await requiredLake(lake, { report: () => {}, failpoint: noFailpoint })
  const files: Record<string, string> = {}
  for (const { table: name, version } of newest.gold) {
    const { files: named } = await table(`gold/${name}`).snapshotAt(version)
    for (const { path } of named) files[`${name}/${path}`] = hashOf(join(lake, 'gold', name, path))
  }
  return { publication: newest.version, files, answers: await lakeHash(lake, { schemas: ['gold'] }) }
}

const hashOf = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex')

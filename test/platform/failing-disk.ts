/**
 * The machine's file system, whose n-th new file can be made to fail. To be imported before the product is, which takes some of its
 * functions by value: they are replaced once, and fail only while `failing` says so.
 */
import fs from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'

export type Mishap = 'fills up' | 'fails to make' | 'fails to sync' | 'fails to name'

interface Failing {
  readonly mishap: Mishap
  /** Which new file meets it, 1 being the first; a disk that fills up has room for none from then on. */
  readonly at: number
  /** Only files under this folder. */
  readonly under: string
  made: number
  /** How many calls failed. */
  failed: number
}

let failing: Failing | undefined

/** Runs `work` on a disk that fails once, or from then on; answers how many files were made, and how many calls failed. */
export async function onFailingDisk(
  { mishap, at, under }: Pick<Failing, 'mishap' | 'at' | 'under'>,
  work: () => Promise<void>,
): Promise<{ readonly made: number; readonly failed: number }> {
  const state: Failing = { mishap, at, under, made: 0, failed: 0 }
  failing = state
  try {
    await work()
  } finally {
    failing = undefined
  }
  return state
}

const { open, link, rename } = fs

function broken(errno: 'ENOSPC' | 'EIO', path: unknown): Error {
  if (failing !== undefined) failing.failed += 1
  return Object.assign(new Error(`${errno}: ${path}`), { code: errno })
}

const meets = (mishap: Mishap): boolean =>
  failing?.mishap === mishap && (mishap === 'fills up' ? failing.made >= failing.at : failing.made === failing.at)

fs.open = async (path, flags, mode) => {
  if (failing === undefined || flags !== 'wx' || !String(path).startsWith(failing.under)) return open(path, flags, mode)
  failing.made += 1
  if (meets('fills up')) throw broken('ENOSPC', path)
  if (meets('fails to make')) throw broken('EIO', path)
  const file = await open(path, flags, mode)
  if (meets('fails to sync')) file.sync = async () => Promise.reject(broken('EIO', path))
  return file
}
fs.link = async (from, to) => {
  if (meets('fails to name')) throw broken('EIO', to)
  return link(from, to)
}
fs.rename = async (from, to) => {
  if (meets('fails to name')) throw broken('EIO', to)
  return rename(from, to)
}
syncBuiltinESMExports()

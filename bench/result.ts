import { readFileSync } from 'node:fs'
import { arch, cpus, platform, totalmem } from 'node:os'
import { join } from 'node:path'
import type { Spread } from './spread.ts'

/** One round's figure, all rounds', or what was kept of them. Null: not taken. */
export type Figure = number | string | null | readonly number[] | Spread

/** What a bench found: the last line of its output, as JSON. */
export interface Result {
  readonly rows: readonly Row[]
  readonly settings: Readonly<Record<string, string | number>>
  /** Of what took part besides Node and this package. */
  readonly versions: Readonly<Record<string, string>>
}

export interface Row {
  readonly name: string
  readonly figures: Readonly<Record<string, Figure>>
}

/** A result as it is kept, in `bench/results/`. */
export interface Kept extends Result {
  /** Day of the measurement, `2026-11-27`. */
  readonly on: string
  readonly command: string
  readonly machine: string
}

export function tell(result: Result): void {
  console.log(JSON.stringify(result))
}

/** The result in what a bench printed; undefined where it has none. */
export function resultIn(printed: string): Result | undefined {
  const line = printed
    .trimEnd()
    .split('\n')
    .findLast((each) => each.startsWith('{"rows"'))
  return line === undefined ? undefined : JSON.parse(line)
}

export function machine(): string {
  const [cpu] = cpus()
  const gigabytes = Math.round(totalmem() / 2 ** 30)
  return `${cpus().length} cores (${cpu?.model.trim() ?? arch()}), ${gigabytes} GB, ${platform()}, Node ${process.versions.node}`
}

/** Version of an installed package. */
export function versionOf(name: string): string {
  const path = join(import.meta.dirname, '../node_modules', name, 'package.json')
  return JSON.parse(readFileSync(path, 'utf8')).version
}

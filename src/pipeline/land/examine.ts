import type { Contract } from '#contract'
import { Fault } from '#port'
import type { Recognised } from './recognise.ts'
import { claimedBy, recognise } from './recognise.ts'
import type { FileRecords } from './records.ts'
import { readRecords } from './records.ts'
import type { Original, SourceFile } from './source-file.ts'
import { unpack } from './unpack.ts'

/** What a file turned out to be. */
export type Examined =
  | {
      readonly kind: 'records'
      readonly recognised: Recognised
      readonly records: FileRecords
      readonly format: string
    }
  /** A contract's, by its headers or else by its name, and nothing that can be read. */
  | { readonly kind: 'unreadable'; readonly dataset: string; readonly why: string }
  | { readonly kind: 'unmatched' }

export interface ExamineOptions {
  /** Most characters of a file that are held in memory. */
  readonly holdAtMost: number
  /** Told whose the file is as soon as its headers say so, long before it is read to its end. */
  readonly onRecognised: (dataset: string) => void
}

/** Faults only for what is no fault of the file's content: it changed or vanished, or two contracts want it. */
export async function examine(
  file: SourceFile,
  original: Original,
  contracts: readonly Contract[],
  { holdAtMost, onRecognised }: ExamineOptions,
): Promise<Examined> {
  const claimant = claimedBy(file.name, contracts)
  let recognised: Recognised | undefined
  try {
    const content = await unpack(original, holdAtMost)
    recognised = await recognise(content, contracts)
    if (recognised === undefined) return unfitting(claimant)
    onRecognised(recognised.contract.name)
    const records = await readRecords(content, recognised, holdAtMost)
    const format = `${recognised.layout.format}${content.gzipped ? '+gzip' : ''}`
    return { kind: 'records', recognised, records, format }
  } catch (error) {
    if (!(error instanceof Fault) || error.retry || !isContent(error)) throw error
    const dataset = recognised?.contract.name ?? claimant?.name
    if (dataset === undefined) return { kind: 'unmatched' }
    return { kind: 'unreadable', dataset, why: `${error.message} ${error.mend}` }
  }
}

/** Faults that the file's bytes alone decide: read again, they say the same. */
const contentFaults = new Set([
  'land/empty',
  'land/archive',
  'land/binary',
  'land/truncated',
  'land/encoding',
  'land/csv',
  'land/json',
  'land/json-shape',
  'land/too-large',
])

function isContent({ code }: Fault): boolean {
  return contentFaults.has(code)
}

function unfitting(claimant: Contract | undefined): Examined {
  if (claimant === undefined) return { kind: 'unmatched' }
  const layouts = claimant.layouts.map(({ name }) => name).join(', ')
  return {
    kind: 'unreadable',
    dataset: claimant.name,
    why: `The file's name says ${claimant.name}, but its headers fit none of its layouts (${layouts}). If the publisher changed them, add a layout to the contract and run again; if it is another file, rename it.`,
  }
}

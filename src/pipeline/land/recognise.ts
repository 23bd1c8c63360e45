import { isUtf8 } from 'node:buffer'
import { basename } from 'node:path/posix'
import type { Contract, Encoding, Layout } from '#contract'
import { matchLayout } from '#contract'
import { Fault } from '#port'
import { csvHead } from './csv.ts'
import { isUtf16 } from './encoding.ts'
import type { JsonTable } from './json.ts'
import { jsonTable } from './json.ts'
import type { Content } from './unpack.ts'
import { firstBytes } from './unpack.ts'

/** Whose a file is and in which shape, decided by what stands in it. */
export interface Recognised {
  readonly contract: Contract
  readonly layout: Layout
  /** As read, one for each column. */
  readonly headers: readonly string[]
  /** For JSON, which is read whole. */
  readonly table: JsonTable | undefined
}

/** A file's headers stand within its first so many bytes. */
const headBytes = 1024 * 1024
/** JSON is parsed whole, and the longest string that Node can hold is little more. */
const jsonBytes = 400 * 1024 * 1024

/** Undefined where the file can be read and its headers fit no layout of any contract. Faults where it cannot be read. */
export async function recognise(content: Content, contracts: readonly Contract[]): Promise<Recognised | undefined> {
  const head = await firstBytes(content.chunks(), headBytes)
  const encoding = provisionalEncoding(head)
  const opening = new TextDecoder(encoding).decode(head.subarray(0, 4096)).trimStart()
  if (opening === '' && head.length < headBytes) {
    throw new Fault('land/empty', 'The file is empty.', { mend: 'Fetch the file again.' })
  }
  if (opening.startsWith('PK\u0003\u0004')) {
    throw new Fault('land/archive', 'The file is a ZIP archive or an Excel workbook.', {
      mend: 'Unpack it, or save the sheet as CSV.',
    })
  }
  if (/^[{[]/.test(opening)) return recogniseJson(await jsonText(content, encoding), contracts)
  const { records, fault } = csvHead(new TextDecoder(encoding).decode(head), deepestHeader(contracts))
  const recognised = recogniseCsv(records, contracts)
  if (recognised !== undefined) return recognised
  if (encoding !== 'utf-16le' && head.includes(0)) {
    throw new Fault('land/binary', `Byte ${head.indexOf(0)} is NUL: this is no text.`, {
      mend: 'Export the file again as UTF-8 text.',
    })
  }
  if (fault !== undefined) throw fault
  return undefined
}

/** Good enough to read headers and JSON's own signs by; the contract then says what the rest may be. */
function provisionalEncoding(head: Uint8Array): Encoding {
  if (isUtf16(head)) return 'utf-16le'
  // Cut back to before the last character, which the end of the head may have split.
  let end = head.length
  while (head.length >= headBytes && end > 0 && ((head[end - 1] ?? 0) & 0xc0) === 0x80) end -= 1
  return isUtf8(head.subarray(0, head.length >= headBytes ? end - 1 : end)) ? 'utf-8' : 'windows-1252'
}

export async function jsonText(content: Content, encoding: Encoding): Promise<string> {
  const decoder = new TextDecoder(encoding)
  let text = ''
  let sizeBytes = 0
  for await (const chunk of content.chunks()) {
    sizeBytes += chunk.length
    if (sizeBytes > jsonBytes) {
      throw new Fault('land/too-large', `The JSON is larger than ${jsonBytes / 1024 / 1024} MiB.`, {
        mend: 'Fetch the dataset as CSV, which is read in a stream.',
      })
    }
    text += decoder.decode(chunk, { stream: true })
  }
  return text + decoder.decode()
}

function recogniseJson(text: string, contracts: readonly Contract[]): Recognised | undefined {
  const table = jsonTable(text)
  const taken = takers(contracts, (contract) => matchLayout(contract, table.format, table.headers))
  return taken === undefined ? undefined : { ...taken, headers: table.headers, table }
}

function deepestHeader(contracts: readonly Contract[]): number {
  return Math.max(1, ...contracts.flatMap(({ layouts }) => layouts.map(({ headerRows }) => headerRows ?? 1)))
}

function recogniseCsv(records: readonly (readonly string[])[], contracts: readonly Contract[]): Recognised | undefined {
  for (const [at, headers] of records.entries()) {
    const taken = takers(contracts, (contract) => matchLayout(contract, 'csv', headers, at + 1))
    if (taken !== undefined) return { ...taken, headers, table: undefined }
  }
  return undefined
}

/** The layout that asks for the most headers wins; two that ask for as many are a mistake in the contracts. */
function takers(
  contracts: readonly Contract[],
  match: (contract: Contract) => Layout | undefined,
): { contract: Contract; layout: Layout } | undefined {
  const taken = contracts
    .flatMap((contract) => {
      const layout = match(contract)
      return layout === undefined ? [] : [{ contract, layout }]
    })
    .sort((a, b) => b.layout.requires.length - a.layout.requires.length)
  const [first, second] = taken
  if (first !== undefined && second !== undefined && first.layout.requires.length === second.layout.requires.length) {
    const both = [first, second].map(({ contract, layout }) => `${contract.name} (${layout.name})`).join(' and ')
    throw new Fault('contract/ambiguous', `A file fits two datasets equally well: ${both}.`, {
      mend: "Let one of the two layouts require a header that the other's files do not have, or forbid one.",
    })
  }
  return first
}

/** The contract that claims a file by its base name; what such a name promises, its content need not keep. */
export function claimedBy(name: string, contracts: readonly Contract[]): Contract | undefined {
  const base = basename(name)
  return contracts.find(({ files }) => files.some((glob) => globPattern(glob).test(base)))
}

function globPattern(glob: string): RegExp {
  const pattern = glob
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
  return new RegExp(`^${pattern}$`, 'is')
}

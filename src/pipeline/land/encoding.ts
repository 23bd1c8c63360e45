import { isUtf8 } from 'node:buffer'
import type { Encoding } from '#contract'
import { Fault } from '#port'
import type { Content } from './unpack.ts'

/** Decoding never fails for these two, so between them the text has to tell. */
const singleByte = new Set<Encoding>(['windows-1252', 'macintosh'])

/** How much text beside non-ASCII characters is weighed. */
const weighedCharacters = 4_096

/**
 * The encoding of a whole file, among those its contract allows: UTF-8 where every byte of the file is (or UTF-16 where a mark says so),
 * else the single-byte encoding in which the text reads best; the contract's order decides between equals.
 * Decided for the file, never for a part of it. Faults: `land/binary`, `land/encoding`.
 */
export async function chooseEncoding(content: Content, allowed: readonly Encoding[]): Promise<Encoding> {
  const look = await inspect(content)
  if (look.utf16) {
    if (allowed.includes('utf-16le')) return 'utf-16le'
    throw encodingFault('The file is UTF-16', allowed)
  }
  if (look.nul !== undefined) {
    throw new Fault('land/binary', `Byte ${look.nul} is NUL: this is no text, or text in an encoding without a mark.`, {
      mend: 'Export the file again as UTF-8 text.',
    })
  }
  if (look.utf8 && allowed.includes('utf-8')) return 'utf-8'
  const fallbacks = allowed.filter((encoding) => singleByte.has(encoding))
  const [first, second] = fallbacks
  if (first === undefined) throw encodingFault('Not every byte of the file is UTF-8', allowed)
  if (second === undefined || look.utf8) return first
  const scored = fallbacks.map((encoding) => ({ encoding, score: plausibility(decodeAll(look.sample, encoding)) }))
  return scored.reduce((best, each) => (each.score > best.score ? each : best)).encoding
}

function encodingFault(what: string, allowed: readonly Encoding[]): Fault {
  return new Fault('land/encoding', `${what}, and the contract allows ${allowed.join(', ')}.`, {
    mend: "Add the publisher's encoding to the contract's encodings, or export the file again as UTF-8.",
  })
}

interface Inspection {
  readonly utf16: boolean
  readonly utf8: boolean
  /** Position of the first NUL. */
  readonly nul: number | undefined
  /** Stretches around bytes beyond ASCII. */
  readonly sample: Uint8Array
}

async function inspect(content: Content): Promise<Inspection> {
  if (content.held !== undefined) {
    const bytes = content.held
    const nul = bytes.indexOf(0)
    const utf8 = isUtf8(bytes)
    return {
      utf16: isUtf16(bytes),
      utf8,
      nul: nul < 0 ? undefined : nul,
      sample: utf8 ? new Uint8Array() : beyondAscii([bytes]),
    }
  }
  const strict = new TextDecoder('utf-8', { fatal: true })
  let [utf16, utf8, at] = [false, true, 0]
  let nul: number | undefined
  const sampled: Uint8Array[] = []
  let sampledBytes = 0
  for await (const chunk of content.chunks()) {
    if (at === 0) utf16 = isUtf16(chunk)
    if (nul === undefined && chunk.includes(0)) nul = at + chunk.indexOf(0)
    utf8 &&= decodes(strict, chunk)
    if (!utf8 && sampledBytes < weighedCharacters) {
      const piece = beyondAscii([chunk])
      sampled.push(piece)
      sampledBytes += piece.length
    }
    at += chunk.length
  }
  utf8 &&= decodes(strict, undefined)
  return { utf16, utf8, nul, sample: Buffer.concat(sampled) }
}

/** Without a chunk: whether the text may end here. */
function decodes(strict: InstanceType<typeof TextDecoder>, chunk: Uint8Array | undefined): boolean {
  try {
    if (chunk === undefined) strict.decode()
    else strict.decode(chunk, { stream: true })
    return true
  } catch {
    // A fatal decoder throws a TypeError where bytes are not UTF-8; that is the answer asked for.
    return false
  }
}

export function isUtf16(bytes: Uint8Array): boolean {
  return bytes[0] === 0xff && bytes[1] === 0xfe
}

function beyondAscii(chunks: readonly Uint8Array[]): Uint8Array {
  const pieces: Uint8Array[] = []
  let length = 0
  for (const chunk of chunks) {
    for (let at = 0; at < chunk.length && length < weighedCharacters; at += 1) {
      if ((chunk[at] ?? 0) < 0x80) continue
      const piece = chunk.subarray(Math.max(0, at - 3), at + 4)
      pieces.push(piece, Buffer.from(' '))
      length += piece.length
      at += 3
    }
  }
  return Buffer.concat(pieces)
}

/** How much like names and words a text reads: accented letters in the case of their neighbours and punctuation in its place count for it, the rest against. */
function plausibility(text: string): number {
  let score = 0
  for (const { 0: found, index } of text.matchAll(/[^\p{ASCII}]/gu)) {
    const before = text[index - 1] ?? ' '
    const after = text[index + found.length] ?? ' '
    const inWord = /\p{L}/u.test(before) && /\p{L}/u.test(after)
    if (/\p{Ll}/u.test(found)) score += /\p{L}/u.test(before) || /\p{L}/u.test(after) ? 2 : -1
    else if (/\p{Lu}/u.test(found)) score += /\p{Ll}/u.test(before) ? -2 : 1
    else if (found === '’') score += inWord && /[stdmlrv]/i.test(after) ? 3 : inWord ? 1 : 0
    else if (/[‘“”–—…\u00a0]/.test(found)) score += inWord ? -1 : 1
    else score -= 2
  }
  return score
}

function decodeAll(bytes: Uint8Array, encoding: Encoding): string {
  return new TextDecoder(encoding).decode(bytes)
}

/** The text as UTF-8 bytes, without a mark at the start. */
export async function* asUtf8(content: Content, encoding: Encoding): AsyncIterable<Uint8Array> {
  if (encoding === 'utf-8') {
    let first = true
    for await (const chunk of content.chunks()) {
      yield first && chunk[0] === 0xef && chunk[1] === 0xbb && chunk[2] === 0xbf ? chunk.subarray(3) : chunk
      first = false
    }
    return
  }
  const decoder = new TextDecoder(encoding)
  for await (const chunk of content.chunks()) yield Buffer.from(decoder.decode(chunk, { stream: true }))
  yield Buffer.from(decoder.decode())
}

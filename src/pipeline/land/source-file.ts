import { createHash } from 'node:crypto'
import type { ObjectStore } from '#port'
import { Fault } from '#port'

/** A file that someone wants landed, wherever it lies. */
export interface SourceFile {
  /** Relative to where the files come from, `/`-separated; what people know it by. */
  readonly name: string
  readonly sizeBytes: number
  readonly modifiedMs: number
  /** Where it was fetched from, where that is known. */
  readonly url?: string
  /** The bytes from the start; may be called again. Faults: `land/unreadable-file`, `land/vanished`. */
  open(): AsyncIterable<Uint8Array>
}

/** A file's bytes, known by their hash: the same at every reading. */
export interface Original {
  readonly sha256: string
  readonly sizeBytes: number
  /** All of it, where it is small enough to be held. */
  readonly held: Uint8Array | undefined
  /** Faults with `land/changed` where the file is no longer what it was when it was hashed. */
  chunks(): AsyncIterable<Uint8Array>
}

/** A file up to this size is read once and held; a larger one is read anew for each pass, and kept in parts of this size. */
export const holdBytes = 64 * 1024 * 1024

export async function readOriginal(file: SourceFile, holdAtMost = holdBytes): Promise<Original> {
  const hash = createHash('sha256')
  let chunks: Uint8Array[] | undefined = []
  let sizeBytes = 0
  for await (const chunk of file.open()) {
    hash.update(chunk)
    sizeBytes += chunk.length
    if (sizeBytes > holdAtMost) chunks = undefined
    chunks?.push(chunk)
  }
  const sha256 = hash.digest('hex')
  const held = chunks === undefined ? undefined : joined(chunks)
  return {
    sha256,
    sizeBytes,
    held,
    async *chunks() {
      if (held === undefined) yield* unchanged(file, sha256)
      else yield held
    },
  }
}

async function* unchanged(file: SourceFile, sha256: string): AsyncIterable<Uint8Array> {
  const hash = createHash('sha256')
  for await (const chunk of file.open()) {
    hash.update(chunk)
    yield chunk
  }
  if (hash.digest('hex') === sha256) return
  throw new Fault('land/changed', `${file.name} changed while it was being read.`, {
    mend: 'Run again when whoever writes the file has finished.',
    retry: true,
    facts: { file: file.name },
  })
}

/**
 * Keeps the original in the store under its hash: `bytes/<sha256>`, or for a large one `bytes/<sha256>.part00000` and on,
 * which put one after the other are the file. Keeping what is kept already changes nothing.
 */
export async function keepOriginal(original: Original, store: ObjectStore, partBytes = holdBytes): Promise<void> {
  const path = `bytes/${original.sha256}`
  if (original.held !== undefined) {
    await store.create(path, original.held)
    return
  }
  let part = 0
  let sizeBytes = 0
  let chunks: Uint8Array[] = []
  const flush = async () => {
    await store.create(`${path}.part${String(part).padStart(5, '0')}`, joined(chunks))
    part += 1
    sizeBytes = 0
    chunks = []
  }
  for await (const chunk of original.chunks()) {
    for (let from = 0; from < chunk.length; ) {
      const piece = chunk.subarray(from, from + partBytes - sizeBytes)
      chunks.push(piece)
      sizeBytes += piece.length
      from += piece.length
      if (sizeBytes === partBytes) await flush()
    }
  }
  if (sizeBytes > 0) await flush()
}

/** The kept bytes of an original; nothing where none are kept. */
export async function* keptOriginal(sha256: string, store: ObjectStore): AsyncIterable<Uint8Array> {
  const whole = await store.read(`bytes/${sha256}`)
  if (whole !== undefined) {
    yield whole
    return
  }
  for await (const { path } of store.list(`bytes/${sha256}.part`)) {
    const part = await store.read(path)
    if (part !== undefined) yield part
  }
}

export function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const [only] = chunks
  return chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks)
}

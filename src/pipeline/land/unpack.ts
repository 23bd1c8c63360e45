import { Readable } from 'node:stream'
import { createGunzip, gunzipSync } from 'node:zlib'
import { Fault } from '#port'
import type { Original } from './source-file.ts'
import { holdBytes } from './source-file.ts'

/** What is in a file once any gzip is undone. */
export interface Content {
  readonly gzipped: boolean
  /** All of it, where it is small enough to be held. */
  readonly held: Uint8Array | undefined
  /** Faults with `land/truncated` where the gzip ends early or is damaged. */
  chunks(): AsyncIterable<Uint8Array>
}

/** Gzip is known by its first two bytes (RFC 1952 §2.3.1), not by the file's name. */
export async function unpack(original: Original, holdAtMost = holdBytes): Promise<Content> {
  const start = await firstBytes(original.chunks(), 2)
  if (!(start[0] === 0x1f && start[1] === 0x8b)) {
    return { gzipped: false, held: original.held, chunks: () => original.chunks() }
  }
  const held = original.held === undefined ? undefined : unpackedWithin(original.held, holdAtMost)
  return {
    gzipped: true,
    held,
    async *chunks() {
      if (held === undefined) yield* gunzipped(original.chunks())
      else yield held
    },
  }
}

/** Undefined where more than `atMost` bytes would come out. */
function unpackedWithin(bytes: Uint8Array, atMost: number): Uint8Array | undefined {
  try {
    return gunzipSync(bytes, { maxOutputLength: atMost })
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw damagedGzip(error)
  }
}

async function* gunzipped(chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  const packed = Readable.from(chunks)
  const gunzip = createGunzip()
  packed.on('error', (error) => gunzip.destroy(error))
  try {
    yield* packed.pipe(gunzip)
  } catch (error) {
    throw error instanceof Fault ? error : damagedGzip(error)
  } finally {
    packed.destroy()
  }
}

function damagedGzip(cause: unknown): Fault {
  const why = cause instanceof Error ? cause.message : String(cause)
  return new Fault('land/truncated', `The gzip ends early or is damaged (${why}).`, {
    mend: 'Fetch the file again.',
    cause,
  })
}

/** Up to `count` bytes from the start. */
export async function firstBytes(chunks: AsyncIterable<Uint8Array>, count: number): Promise<Uint8Array> {
  const taken: Uint8Array[] = []
  let length = 0
  for await (const chunk of chunks) {
    taken.push(chunk)
    length += chunk.length
    if (length >= count) break
  }
  return Buffer.concat(taken).subarray(0, count)
}

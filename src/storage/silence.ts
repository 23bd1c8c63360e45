/** The slowest line that is waited for, in bytes a millisecond: what is sent gives no sign of life until it is answered. */
const slowestBytesPerMs = 1000

export interface Watch {
  readonly signal: AbortSignal
  /** Says that something came: the time begins anew. */
  readonly alive: () => void
}

/**
 * Gives up, and ends the signal, once nothing was heard for `timeoutMs`, besides the time that `sentBytes` take on a slow line.
 * Work that does not heed the signal, such as a sign-in, is left behind.
 */
export async function watched<T>(timeoutMs: number, sentBytes: number, work: (watch: Watch) => Promise<T>): Promise<T> {
  const silence = new AbortController()
  const { signal } = silence
  const timer = setTimeout(() => silence.abort(), timeoutMs + sentBytes / slowestBytesPerMs)
  const silent = new Promise<never>((_, givenUp) => {
    signal.addEventListener('abort', () => givenUp(signal.reason), { once: true })
  })
  try {
    return await Promise.race([work({ signal, alive: () => timer.refresh() }), silent])
  } finally {
    clearTimeout(timer)
  }
}

/** All that a body brings, up to a bound; what lies beyond is not fetched. */
export async function collected(
  body: AsyncIterable<Uint8Array> | null | undefined,
  { alive }: Watch,
  maxBytes = Number.POSITIVE_INFINITY,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of body ?? []) {
    alive()
    chunks.push(chunk)
    length += chunk.length
    if (length >= maxBytes) break
  }
  const bytes = new Uint8Array(length)
  let at = 0
  for (const chunk of chunks) {
    bytes.set(chunk, at)
    at += chunk.length
  }
  return bytes
}

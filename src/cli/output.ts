import type { Output } from './cli.ts'

/** What we need of a process's stream. */
export interface Stream {
  write(text: string, done: (error?: Error | null) => void): boolean
  on(event: 'error', listener: (error: NodeJS.ErrnoException) => void): unknown
  readonly isTTY?: boolean
  readonly columns?: number
}

/** Writes on and waits for slow readers. A reader that went away (`| head`) is no fault: what would follow is dropped and the work goes on. */
export function outputOf(stream: Stream): Output {
  let closed = false
  stream.on('error', (error) => {
    if (error.code !== 'EPIPE') throw error
    closed = true
  })
  return {
    write: (text) =>
      new Promise((done) => {
        if (closed) done()
        else stream.write(text, () => done())
      }),
    width: stream.isTTY === true ? (stream.columns ?? 80) : undefined,
  }
}

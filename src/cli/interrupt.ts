/** Terminals signal the whole process group, and npm passes the signal on once more: within this time it is one press. */
const onePressMs = 250

const exitCodes = { SIGINT: 130, SIGTERM: 143 } as const

type StopSignal = keyof typeof exitCodes

export interface InterruptEffects {
  readonly on: (signal: StopSignal, listener: () => void) => void
  readonly nowMs: () => number
  readonly exit: (code: number) => void
  readonly say: (line: string) => void
}

/** The first Ctrl-C aborts the signal, and work ends between two commits; a second one leaves at once. */
export function watchInterrupts({ on, nowMs, exit, say }: InterruptEffects): {
  readonly signal: AbortSignal
  /** 130 for Ctrl-C, 143 for a TERM signal. */
  readonly exitCode: () => number
} {
  const controller = new AbortController()
  let exitCode: number = exitCodes.SIGINT
  let firstMs: number | undefined
  const stop = (signal: StopSignal) => {
    if (firstMs !== undefined) {
      if (nowMs() - firstMs >= onePressMs) exit(exitCodes[signal])
      return
    }
    firstMs = nowMs()
    exitCode = exitCodes[signal]
    say('fairlead: stopping cleanly; Ctrl-C again stops at once.')
    controller.abort()
  }
  on('SIGINT', () => stop('SIGINT'))
  on('SIGTERM', () => stop('SIGTERM'))
  return { signal: controller.signal, exitCode: () => exitCode }
}

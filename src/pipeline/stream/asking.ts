/** Something asked of landing from outside, which it answers between two turns, once what it read is committed. */
export interface Asking {
  /** Ends once it is answered; at once where nobody listens. */
  readonly ask: () => Promise<void>
  readonly isDue: () => boolean
  readonly answer: () => void
  /** Calls `wake` whenever something is asked, until the answer's call, by which whatever is due is answered. */
  readonly listen: (wake: () => void) => () => void
}

export function newAsking(): Asking {
  let due: PromiseWithResolvers<void> | undefined
  let listener: (() => void) | undefined
  const answer = () => {
    due?.resolve()
    due = undefined
  }
  return {
    ask() {
      if (listener === undefined) return Promise.resolve()
      due ??= Promise.withResolvers<void>()
      listener()
      return due.promise
    },
    isDue: () => due !== undefined,
    answer,
    listen(wake) {
      listener = wake
      return () => {
        listener = undefined
        answer()
      }
    },
  }
}

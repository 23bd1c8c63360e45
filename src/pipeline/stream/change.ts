/** Partitions about to change hands: the log asks, and waits for the answer as long as it may; landing answers between two turns. */
export interface Change {
  /** Ends once landing has let go of what it read, or has ended. */
  readonly come: () => Promise<void>
  readonly isDue: () => boolean
  readonly answered: () => void
  /** Calls `wake` when a change comes, until the answer's call. */
  readonly listen: (wake: () => void) => () => void
  readonly end: () => void
}

export function newChange(): Change {
  let due: PromiseWithResolvers<void> | undefined
  let ended = false
  const listeners = new Set<() => void>()
  const answered = () => {
    due?.resolve()
    due = undefined
  }
  return {
    come() {
      if (ended) return Promise.resolve()
      due ??= Promise.withResolvers<void>()
      for (const wake of listeners) wake()
      return due.promise
    },
    isDue: () => due !== undefined,
    answered,
    listen(wake) {
      listeners.add(wake)
      return () => void listeners.delete(wake)
    },
    end() {
      ended = true
      answered()
    },
  }
}

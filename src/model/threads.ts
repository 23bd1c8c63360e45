/** What has to be done, after what. */
interface Waiting<Self> {
  readonly after: readonly Self[]
}

/**
 * Takes steps in their order, each as soon as those that it comes after are done, on as many threads at once as are given; a thread does one step at a time.
 * A step comes after earlier ones alone. Where one throws, none is begun any more; the first that threw is thrown when none is under way.
 */
export async function onThreads<Step extends Waiting<Step>, Thread>(
  steps: readonly Step[],
  threads: readonly Thread[],
  work: (step: Step, thread: Thread) => Promise<void>,
): Promise<void> {
  const done = new Set<Step>()
  const waiting = new Set(steps)
  const idle: (() => void)[] = []
  let thrown: { readonly error: unknown } | undefined

  async function follow(thread: Thread): Promise<void> {
    while (thrown === undefined && waiting.size > 0) {
      const step = waiting.values().find(({ after }) => after.every((each) => done.has(each)))
      if (step === undefined) {
        await new Promise<void>((resolve) => idle.push(resolve))
        continue
      }
      waiting.delete(step)
      try {
        await work(step, thread)
      } catch (error) {
        thrown ??= { error }
      }
      done.add(step)
      for (const wake of idle.splice(0)) wake()
    }
  }
  await Promise.all(threads.map(follow))
  if (thrown !== undefined) throw thrown.error
}

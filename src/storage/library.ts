import { Fault } from '#port'
import { errnoOf } from './errno.ts'

/** A library that not everyone has installed, loaded when it is first needed. */
export async function optionalLibrary<T>(name: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load()
  } catch (error) {
    if (errnoOf(error) !== 'ERR_MODULE_NOT_FOUND') throw error
    throw new Fault('machine/library', `The library ${name} is not installed, which this lake needs.`, {
      mend: 'Run npm ci without leaving out optional packages.',
      cause: error,
      facts: { library: name },
    })
  }
}

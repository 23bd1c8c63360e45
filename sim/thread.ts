/** Runs the seeds it is told, one after the other, and answers each; started by `main.ts`. */
import { parentPort, workerData } from 'node:worker_threads'
import { keepFilesPlain } from './quick.ts'

const { parquet } = workerData as { readonly parquet: boolean }
const forgetFiles = parquet ? () => {} : await keepFilesPlain()
const { runSeed } = await import('./seed.ts')

// Where an error came from takes long to find out, and most errors are weather. A seed that breaks is run again, and told with it.
const stackTraceLimit = Error.stackTraceLimit
Error.stackTraceLimit = 0

async function outcomeOf(seed: number) {
  forgetFiles()
  return runSeed(seed)
}

parentPort?.on('message', async (seed: number) => {
  let outcome = await outcomeOf(seed)
  if (outcome.broken !== undefined) {
    Error.stackTraceLimit = stackTraceLimit
    outcome = await outcomeOf(seed)
    Error.stackTraceLimit = 0
  }
  parentPort?.postMessage(outcome)
})
parentPort?.postMessage(undefined)

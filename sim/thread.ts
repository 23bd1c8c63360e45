/** Runs the seeds it is told, one after the other, and answers each; started by `main.ts`. */
import { parentPort, workerData } from 'node:worker_threads'
import { keepFilesPlain } from './quick.ts'

const { parquet } = workerData as { readonly parquet: boolean }
if (!parquet) keepFilesPlain()
const { runSeed } = await import('./seed.ts')

parentPort?.on('message', async (seed: number) => parentPort?.postMessage(await runSeed(seed)))
parentPort?.postMessage(undefined)

import { fileURLToPath } from 'node:url'
import type { Platform } from '#platform'
import type { Backend } from './backend.ts'

/** The real backend. Loaded when a command first asks for it, and the server only when one is to serve. */
export async function connect(): Promise<Backend> {
  const platform: Platform = await import('#platform')
  return {
    ...platform,
    async serveLake({ port, ...lake }, { report, signal }) {
      const { startServer } = await import('#serve')
      const reader = await platform.openReader(lake)
      const datasets = await platform.listDatasets(lake)
      const webFolder = fileURLToPath(new URL('../../web/dist', import.meta.url))
      const serving = await startServer({ port, host: '127.0.0.1', webFolder, datasets }, { reader, report, signal })
      return {
        url: serving.url,
        async close() {
          await serving.close()
          await reader.close()
        },
      }
    },
  }
}

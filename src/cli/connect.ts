import { fileURLToPath } from 'node:url'
import type { LakeReader, Platform } from '#platform'
import type { Report } from '#port'
import type { Backend, Serving } from './backend.ts'

const host = '127.0.0.1'

/** The real backend. Loaded when a command first asks for it, and the server only when one is to serve. */
export async function connect(): Promise<Backend> {
  const { keptLineage, measuring, ...platform } = await import('#platform')
  const { openReader, listDatasets } = platform satisfies Platform
  return {
    ...platform,
    async serveLake({ port, ...lake }, { report, signal }) {
      const { startServer } = await import('#serve')
      const measured = measuring(report)
      const reader = await openReader(lake)
      const datasets = await listDatasets(lake)
      const webFolder = fileURLToPath(new URL('../../web/dist', import.meta.url))
      const lineage = keptLineage(lake, { report, signal })
      const effects = { reader, measures: measured.now, lineage, report: measured.report, signal }
      return servingOver(reader, measured.report, startServer({ port, host, webFolder, datasets }, effects))
    },
    async serveMetrics({ port, ...lake }, { report }) {
      const { startMetricsServer } = await import('#serve')
      const measured = measuring(report)
      const reader = await openReader(lake)
      const effects = { reader, measures: measured.now, report: measured.report }
      const address = { port, host, flag: '--metrics-port' } as const
      return servingOver(reader, measured.report, startMetricsServer(address, effects))
    },
  }
}

async function servingOver(
  reader: LakeReader,
  report: Report,
  starting: Promise<Pick<Serving, 'url' | 'close'>>,
): Promise<Serving> {
  const { url, close } = await starting.catch(async (error: unknown) => {
    await reader.close()
    throw error
  })
  return {
    ...{ url, report },
    async close() {
      await close()
      await reader.close()
    },
  }
}

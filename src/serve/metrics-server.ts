import type { LakeReader, Measures } from '#platform'
import type { Report } from '#port'
import { Fault } from '#port'
import { checkMethod, faultAnswer, refuseForeignHost, securityHeaders } from './guard.ts'
import { listen } from './listen.ts'
import { metricsAnswer } from './metrics.ts'
import type { RunningServer } from './server.ts'

const graceMs = 500

/**
 * Serves `/metrics` and `/healthz` alone, for a process that shows no dashboard, until closed. Faults: `serve/port-in-use`, `serve/port-refused`.
 */
export async function startMetricsServer(
  { port, host, flag }: { readonly port: number; readonly host: '127.0.0.1'; readonly flag: string },
  effects: { readonly reader: LakeReader; readonly measures: () => Measures; readonly report: Report },
): Promise<RunningServer> {
  const parts = { measures: effects.measures, standing: effects.reader.standing }

  async function answer(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url)
    refuseForeignHost(request.headers.get('host') ?? undefined)
    checkMethod(request.method)
    if (pathname === '/metrics') return metricsAnswer(parts)
    if (pathname === '/healthz') return Response.json({ ok: true })
    throw new Fault('serve/not-found', 'There is no such page.', { mend: 'There are /metrics and /healthz.' })
  }

  const listening = await listen(
    async (request) => {
      const response = await answer(request).catch((error: unknown) => faultAnswer(error, effects.report))
      for (const [name, value] of Object.entries(securityHeaders)) response.headers.set(name, value)
      return request.method === 'HEAD' ? new Response(null, response) : response
    },
    { port, host, flag },
  )
  return { url: listening.url, close: () => listening.close(graceMs) }
}

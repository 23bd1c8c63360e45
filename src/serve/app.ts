import { Hono } from 'hono'
import type { LineageView, PublicationState, TableMeasures } from '#api'
import type { Report } from '#port'
import { Fault } from '#port'
import { askOf } from './ask.ts'
import type { Bundle, BundleFile } from './bundle.ts'
import type { Current, OpenedPublication } from './current.ts'
import { csv, parquet } from './download.ts'
import type { EventHub } from './events.ts'
import type { DatasetAbout, FigureRoute, Question } from './figures/question.ts'
import { figures } from './figures/routes.ts'
import { pageOf, pageParameters, readPage, rowParameters, rowSelect } from './figures/rows.ts'
import { checkMethod, faultAnswer, refuseForeignHost, securityHeaders } from './guard.ts'
import type { LiveFeed } from './live.ts'
import type { MetricsParts } from './metrics.ts'
import { metricsAnswer, tableMeasures } from './metrics.ts'
import { publicationState } from './state.ts'

/** Pages of the dashboard: all one document, told apart by the script. */
const pages = ['/', '/live', '/schools', '/heatmap', '/vulnerability', '/equity', '/lineage', '/data']

const mostUnderWay = 128
/** Answers kept for one publication, in characters. */
const mostKept = 20_000_000

export interface AppParts {
  readonly bundle: Bundle
  readonly current: Current
  readonly events: EventHub
  readonly live: LiveFeed
  readonly metrics: MetricsParts
  readonly lineage: () => Promise<LineageView>
  readonly datasets: readonly DatasetAbout[]
  /** Changes with each start of the server, so that a browser's copy of an older program's answer is not taken for ours. */
  readonly startId: string
  readonly report: Report
}

export function app({ bundle, current, events, live, metrics, lineage, datasets, startId, report }: AppParts): Hono {
  const hono = new Hono()
  let underWay = 0

  hono.use('*', async (c, next) => {
    refuseForeignHost(c.req.header('host'))
    checkMethod(c.req.method)
    await next()
    for (const [name, value] of Object.entries(securityHeaders)) c.res.headers.set(name, value)
  })

  hono.onError((error) => faultAnswer(error, report))

  hono.get('/healthz', (c) => c.json({ ok: true }))
  hono.get('/readyz', (c) => {
    const open = current.now()
    if (open === undefined) throw notReady()
    return c.json({ ready: true, publication: open.open.publication.version })
  })

  hono.get('/metrics', () => metricsAnswer(metrics))

  hono.get('/api/v1/publication', (c) => {
    askOf(new URL(c.req.url).searchParams, [])
    c.header('cache-control', 'no-store')
    return c.json(publicationState(current, live) satisfies PublicationState)
  })
  hono.get('/api/v1/events', (c) => {
    askOf(new URL(c.req.url).searchParams, [])
    // A HEAD would leave a listener that nobody hears.
    if (c.req.method === 'HEAD') return c.body(null, 200, { 'content-type': 'text/event-stream' })
    return events.subscribe(c.req.header('last-event-id'))
  })

  hono.get('/api/v1/live', (c) => {
    askOf(new URL(c.req.url).searchParams, [])
    const now = live.now()
    if (now === undefined) {
      throw new Fault('serve/no-stream', 'No stream is published in this lake.', {
        mend: 'Run `fairlead stream season` to simulate a season and follow it; this answers as soon as its first events are published.',
      })
    }
    return c.body(now.body, 200, { 'content-type': json, 'cache-control': 'no-store' })
  })

  hono.get('/api/v1/measures', async (c) => {
    askOf(new URL(c.req.url).searchParams, [])
    c.header('cache-control', 'no-store')
    return c.json((await tableMeasures(metrics)) satisfies TableMeasures)
  })

  hono.get('/api/v1/lineage', async (c) => {
    askOf(new URL(c.req.url).searchParams, [])
    c.header('cache-control', 'no-cache')
    return c.json((await lineage()) satisfies LineageView)
  })

  for (const [name, figure] of Object.entries(figures)) {
    hono.get(`/api/v1/${name}`, (c) => answer(c.req.raw, figure))
  }
  hono.get('/api/v1/rows', (c) => rows(c.req.raw))
  hono.get('/api/*', () => {
    throw new Fault('serve/not-found', 'There is no such address in this API.', {
      mend: `Use /api/v1/ and one of publication, events, live, measures, lineage, rows, ${Object.keys(figures).join(', ')}.`,
    })
  })

  hono.get('*', (c) => {
    const { pathname } = new URL(c.req.url)
    const file = pages.includes(pathname) ? bundle.page : bundle.file(pathname)
    if (file === undefined) {
      throw new Fault('serve/not-found', 'There is no such page.', { mend: 'Start from /.' })
    }
    return sendFile(file, c.req.header('if-none-match'))
  })

  /** Requests wait for one engine in turn; beyond a bound they are told so instead of waiting for good. */
  async function bounded(work: (publication: OpenedPublication) => Promise<Response>): Promise<Response> {
    if (underWay >= mostUnderWay) {
      throw new Fault('serve/busy', 'Too many requests at once.', { mend: 'Try again in a moment.', retry: true })
    }
    underWay += 1
    try {
      return await current.use(work)
    } finally {
      underWay -= 1
    }
  }

  function questionOf({ open, choices }: OpenedPublication): Question {
    return { engine: open.engine, choices, gold: open.publication.gold, datasets }
  }

  function answer(request: Request, figure: FigureRoute): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url)
    return bounded(async (publication) => {
      const { version, runId, sample } = publication.open.publication
      const key = `${pathname}?${searchParams}`
      const ask = askOf(searchParams, figure.parameters)
      const kept = publication.answers.get(key)
      const etag = `W/"${startId}-${version}-${runId}"`
      const headers = { 'content-type': json, 'cache-control': 'no-cache', etag }
      if (kept !== undefined && request.headers.get('if-none-match') === etag)
        return new Response(null, { status: 304, headers })
      const body =
        kept ?? JSON.stringify({ publication: version, sample, ...(await figure.answer(ask, questionOf(publication))) })
      publication.answers.keep(key, body, mostKept)
      return new Response(body, { headers })
    })
  }

  function rows(request: Request): Promise<Response> {
    const { searchParams } = new URL(request.url)
    const ask = askOf(searchParams, [...rowParameters, ...pageParameters, 'format'])
    return bounded(async (publication) => {
      const { version, sample } = publication.open.publication
      const question = questionOf(publication)
      const format = ask.oneOf('format', ['json', 'csv', 'parquet'] as const) ?? 'json'
      const select = rowSelect(ask, question)
      if (format === 'json') {
        const page = await readPage(select, pageOf(ask, { most: 1_000, usual: 100 }), question.engine)
        return new Response(JSON.stringify({ publication: version, sample, ...page }), {
          headers: { 'content-type': json, 'cache-control': 'no-cache' },
        })
      }
      const [body, type] =
        format === 'csv'
          ? [await csv(select, question.engine), 'text/csv; charset=utf-8; header=present']
          : [new Uint8Array(await parquet(select, question.engine)), 'application/vnd.apache.parquet']
      const name = fileName(select.of, searchParams, { version, sample })
      return new Response(body, {
        headers: {
          'content-type': type,
          'content-disposition': `attachment; filename="${name}.${format}"`,
          'cache-control': 'no-store',
        },
      })
    })
  }

  return hono
}

const json = 'application/json; charset=utf-8'

/** A file that has left the dashboard still says what it is, and that it is sample data where it is. */
function fileName(
  of: string,
  asked: URLSearchParams,
  { version, sample }: { version: number; sample: boolean },
): string {
  const words = ['year', 'vintage', 'dataset', 'measure', 'bucket', 'rule', 'dbn'].flatMap(
    (name) => asked.get(name) ?? [],
  )
  const parts = [sample ? 'SAMPLE-fairlead' : 'fairlead', of, ...words, `publication-${version}`]
  return parts
    .map((part) => part.replace(/[^A-Za-z0-9_]+/g, '-'))
    .join('-')
    .slice(0, 150)
}

function sendFile(file: BundleFile, known: string | undefined): Response {
  const headers = {
    'content-type': file.type,
    'cache-control': file.immutable ? 'public, max-age=31536000, immutable' : 'no-cache',
    etag: file.etag,
  }
  return known === file.etag ? new Response(null, { status: 304, headers }) : new Response(file.bytes, { headers })
}

function notReady(): Fault {
  return new Fault('serve/no-publication', 'Nothing has been published yet.', {
    mend: 'Run `fairlead run`.',
    retry: true,
  })
}

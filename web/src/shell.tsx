import type { Options, PublicationState } from '#api'
import { useAnswer } from './ask.ts'
import { Drawer } from './drawer.tsx'
import { Empty, FaultNote, Loading } from './figure.tsx'
import { instant, words } from './format.ts'
import { notice, published, reachable } from './live.ts'
import { DataPage } from './pages/data.tsx'
import { EquityPage } from './pages/equity.tsx'
import { HeatmapPage } from './pages/heatmap.tsx'
import { LineagePage } from './pages/lineage.tsx'
import { LiveBanners, LivePage } from './pages/live.tsx'
import { Overview } from './pages/overview.tsx'
import { SchoolsPage } from './pages/schools.tsx'
import { VulnerabilityPage } from './pages/vulnerability.tsx'
import type { PageName } from './route.ts'
import { hrefOfPage, pages, route } from './route.ts'
import { Slicers, YearBand } from './slicers.tsx'
import { useEffect } from './view.ts'

export function Shell() {
  const state = published.value
  const { page } = route.value
  useEffect(() => {
    const title = pages.find(({ name }) => name === page)?.title ?? 'Overview'
    document.title = `${title} · Fairlead${state?.publication?.sample ? ' (sample data)' : ''}`
  }, [page, state])
  return (
    <>
      <a class="skip" href="#main">
        Skip to the figures
      </a>
      <Masthead state={state} />
      <Banners state={state} />
      {page === 'live' && <LiveBanners />}
      {state === undefined ? (
        <main id="main" class="page">
          <Loading what="the dashboard" height={480} />
        </main>
      ) : page === 'live' ? (
        <LivePage />
      ) : state.publication === null ? (
        <main id="main" class="page">
          <h1>Nothing has been published yet</h1>
          <Empty title="The figures appear here by themselves, as soon as a run publishes.">
            <p>
              Run <code>fairlead run</code> over your files, or <code>fairlead start</code> for sample data.
            </p>
          </Empty>
        </main>
      ) : (
        <Published page={page} />
      )}
      <footer class="foot">
        <p>
          School climate: NYC School Survey, NYC Department of Education. Vulnerability: CDC/ATSDR Social Vulnerability
          Index. Each file, its licence and attribution: <a href={hrefOfPage('/data')}>Data</a>.
        </p>
        <p>
          Figures of fewer than five schools are withheld, and with them a neighbour that would give such a group away;
          a school’s own published figure never is.
          {page === 'live' && ' On this page, which shows each school’s own report, no group is withheld.'}
        </p>
      </footer>
      <p class={`notice ${notice.value ? 'shown' : ''}`} role="status">
        {notice.value}
      </p>
    </>
  )
}

function Published({ page }: { page: PageName }) {
  const { data: options, fault } = useAnswer<Options>('options')
  if (options === undefined) {
    return (
      <main id="main" class="page">
        {fault ? <FaultNote fault={fault} /> : <Loading what="the dashboard" height={480} />}
      </main>
    )
  }
  return (
    <>
      {page === 'equity' ? (
        <YearBand options={options} />
      ) : (
        page !== 'data' && page !== 'lineage' && <Slicers options={options} />
      )}
      <main id="main" class={`page page-${page}`} tabIndex={-1}>
        {page === 'overview' && <Overview options={options} />}
        {page === 'schools' && <SchoolsPage options={options} />}
        {page === 'heatmap' && <HeatmapPage options={options} />}
        {page === 'vulnerability' && <VulnerabilityPage options={options} />}
        {page === 'equity' && <EquityPage options={options} />}
        {page === 'lineage' && <LineagePage />}
        {page === 'data' && <DataPage />}
      </main>
      <Drawer options={options} />
    </>
  )
}

function Masthead({ state }: { state: PublicationState | undefined }) {
  const publication = state?.publication
  return (
    <header class="masthead">
      <div class="masthead-inner">
        <a class="brand" href={hrefOfPage('/')} aria-label="Fairlead, to the overview">
          <svg viewBox="0 0 32 32" width="26" height="26" aria-hidden="true">
            <path d="M1 24c6 0 8-8 15-8s9 8 15 8" class="rope" />
            <circle cx="16" cy="16" r="9" class="ring" />
          </svg>
          <span>Fairlead</span>
        </a>
        <nav class="pages" aria-label="Pages">
          {pages.map(({ name, path, title }) => (
            <a href={hrefOfPage(path)} aria-current={route.value.page === name ? 'page' : undefined}>
              {title}
            </a>
          ))}
        </nav>
        <p class="freshness">
          {publication && (
            <>
              <span class={`dot ${reachable.value ? 'live' : 'lost'}`} aria-hidden="true" />
              <span>
                <span class="word">Published </span>
                <time dateTime={publication.publishedAt}>{instant(publication.publishedAt)}</time>
              </span>
            </>
          )}
        </p>
      </div>
    </header>
  )
}

function Banners({ state }: { state: PublicationState | undefined }) {
  const run = state?.lastRun
  return (
    <>
      {state?.publication?.sample && (
        <aside class="banner sample" aria-label="Sample data">
          <p>
            <strong>Sample data.</strong> Every school and figure here is generated from a seed, in the shape of the
            real files. Nothing here says anything about a real school.
          </p>
        </aside>
      )}
      {state?.held && run && (
        <aside class="banner held" aria-label="The last good figures are shown">
          <p>
            <strong>
              {state.publication === null ? 'Nothing could be published.' : 'The last good figures are shown.'}
            </strong>{' '}
            {run.outcome === 'held' ? 'A newer run was held back, because its tests failed' : 'A newer run failed'} (
            {instant(run.startedAt)}).
          </p>
          {run.fault && (
            <p>
              {run.fault.what} <em>{run.fault.mend}</em>
            </p>
          )}
          {run.failed.length > 0 && (
            <details>
              <summary>{run.failed.length === 1 ? 'One check failed' : `${run.failed.length} checks failed`}</summary>
              <ul>
                {run.failed.map(({ id, message }) => (
                  <li>
                    <b>{words(id.split('.')[2] ?? id)}</b>
                    {message && <span>: {message}</span>}
                  </li>
                ))}
              </ul>
            </details>
          )}
        </aside>
      )}
      {!reachable.value && (
        <aside class="banner lost" aria-label="Connection lost">
          <p>
            <strong>The server does not answer.</strong> What is shown is from before; this page goes on by itself when
            it is back. Start it with <code>fairlead serve</code>.
          </p>
        </aside>
      )}
    </>
  )
}

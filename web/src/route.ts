import { signal } from './view.ts'

export type PageName = 'overview' | 'schools' | 'heatmap' | 'vulnerability' | 'equity' | 'live' | 'lineage' | 'data'

export interface Route {
  readonly page: PageName
  readonly parameters: URLSearchParams
}

export const pages: readonly { readonly name: PageName; readonly path: string; readonly title: string }[] = [
  { name: 'overview', path: '/', title: 'Overview' },
  { name: 'schools', path: '/schools', title: 'Schools' },
  { name: 'heatmap', path: '/heatmap', title: 'Heatmap' },
  { name: 'vulnerability', path: '/vulnerability', title: 'Vulnerability' },
  { name: 'equity', path: '/equity', title: 'Equity' },
  { name: 'live', path: '/live', title: 'Live' },
  { name: 'lineage', path: '/lineage', title: 'Lineage' },
  { name: 'data', path: '/data', title: 'Data' },
]

/** What all pages share; everything else in the address belongs to the page it stands on. */
export const slicerNames = ['year', 'borough', 'district', 'program'] as const

function read(): Route {
  const page = pages.find(({ path }) => path === location.pathname)?.name ?? 'overview'
  return { page, parameters: new URLSearchParams(location.search) }
}

/** The address is the state: what a person sees can be sent to another by its address. */
export const route = signal<Route>(read())

addEventListener('popstate', () => {
  route.value = read()
})

export function go(href: string, { replace = false } = {}): void {
  const before = route.value
  if (replace) history.replaceState(null, '', href)
  else history.pushState(null, '', href)
  route.value = read()
  if (route.value.page !== before.page) scrollTo(0, 0)
}

export function parameter(name: string): string | undefined {
  return route.value.parameters.get(name) ?? undefined
}

export function listParameter(name: string): readonly string[] {
  return parameter(name)?.split(',') ?? []
}

type Changes = Readonly<Record<string, string | null>>

/** This page with some parameters changed; null takes one away. */
export function hrefWith(changes: Changes): string {
  const parameters = new URLSearchParams(route.value.parameters)
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === '') parameters.delete(name)
    else parameters.set(name, value)
  }
  return address(location.pathname, parameters)
}

/** Another page under the same slicers. */
export function hrefOfPage(path: string): string {
  return address(path, slicers())
}

export function slicers(): URLSearchParams {
  const kept = new URLSearchParams()
  for (const name of slicerNames) {
    const value = parameter(name)
    if (value !== undefined) kept.set(name, value)
  }
  return kept
}

/** Opens the rows behind a figure, in the figure's own terms. */
export function drillHref(rows: Readonly<Record<string, string | number>>): string {
  const asked = new URLSearchParams(Object.entries(rows).map(([name, value]) => [name, String(value)]))
  return hrefWith({ rows: asked.toString() })
}

function address(path: string, parameters: URLSearchParams): string {
  const query = parameters.toString().replaceAll('%2C', ',')
  return query === '' ? path : `${path}?${query}`
}

/** The address without what only opens the drawer: a chart holds links made from it, and is drawn anew when it changes. */
export function figureKey(): string {
  const parameters = new URLSearchParams(route.value.parameters)
  parameters.delete('rows')
  return `${route.value.page}?${parameters}`
}

/** Links within the dashboard change the address without loading anew; also those that a chart draws. */
export function followLinks(): void {
  document.addEventListener('click', (event) => {
    if (
      event.defaultPrevented ||
      event.button !== 0 ||
      event.metaKey ||
      event.ctrlKey ||
      event.shiftKey ||
      event.altKey
    )
      return
    if (!(event.target instanceof Element)) return
    const link = event.target.closest('a')
    if (link === null || link.hasAttribute('download') || link.getAttribute('target') === '_blank') return
    const href = link.getAttribute('href') ?? link.getAttributeNS('http://www.w3.org/1999/xlink', 'href')
    if (href === null || !href.startsWith('/') || href.startsWith('/api/')) return
    event.preventDefault()
    go(href)
  })
}

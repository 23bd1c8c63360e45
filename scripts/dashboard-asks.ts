import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** A page of the dashboard, and the addresses of the API it asks: `kpis` for `/api/v1/kpis`. */
export interface AskingPage {
  readonly name: string
  /** Null for what stands on every page. */
  readonly path: string | null
  readonly asks: readonly string[]
}

/** Read from the source of the dashboard: what each page's component, and all that it imports, asks the API. */
export function askingPages(webFolder: string): readonly AskingPage[] {
  const shellFile = join(webFolder, 'shell.tsx')
  const shell = readFileSync(shellFile, 'utf8')
  const componentOf = new Map(
    [...shell.matchAll(/page === '(\w+)'\s*(?:\?|&&)\s*\(?\s*<(\w+)/g)].map(([, page = '', component = '']) => [
      page,
      component,
    ]),
  )
  const pages = [
    ...readFileSync(join(webFolder, 'route.ts'), 'utf8').matchAll(
      /\{ name: '(\w+)', path: '([^']+)', title: '([^']+)' \}/g,
    ),
  ].map(([, page = '', path = '', name = '']): AskingPage => {
    const component = componentOf.get(page) ?? ''
    const file = new RegExp(`import \\{[^}]*\\b${component}\\b[^}]*\\} from '(\\./pages/[^']+)'`).exec(shell)?.[1]
    if (component === '' || file === undefined) throw new Error(`web/src/shell.tsx draws no component for ${page}.`)
    return { name, path, asks: asksBelow(join(webFolder, file)) }
  })
  return [
    ...pages,
    { name: 'Filters', path: null, asks: asksIn(shell) },
    { name: 'Rows behind a figure', path: null, asks: asksIn(readFileSync(join(webFolder, 'drawer.tsx'), 'utf8')) },
  ]
}

/** What a page's files ask, and what they import; not what that imports in turn, which is the machinery that all pages share. */
function asksBelow(file: string): readonly string[] {
  const seen = new Set<string>()
  const asks = new Set<string>()
  const look = (path: string): void => {
    if (seen.has(path) || !existsSync(path)) return
    seen.add(path)
    const text = readFileSync(path, 'utf8')
    for (const name of asksIn(text)) asks.add(name)
    if (dirname(path) !== dirname(file)) return
    for (const [, imported = ''] of text.matchAll(/^import (?!type)[^'"]*'(\.[^']+)'/gm))
      look(join(dirname(path), imported))
  }
  look(file)
  return [...asks].sort()
}

/** `useAnswer<Kpis>(question('kpis'))`, `` ask<Rows>(`rows?…`) ``, `fetch('/api/v1/live')`. */
function asksIn(text: string): readonly string[] {
  const asked =
    /(?:\b(?:useAnswer|ask|question)(?:<[^>]*>)?\(\s*|\/api\/v1\/)(?:question\(\s*)?['"`]?([a-z][a-z-]*)(?=['"`?])/g
  return [...new Set([...text.matchAll(asked)].map(([, name = '']) => name))].sort()
}

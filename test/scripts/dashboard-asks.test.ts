import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { askingPages } from '../../scripts/dashboard-asks.ts'

const dashboard: Readonly<Record<string, string>> = {
  'route.ts':
    "export const pages = [\n  { name: 'home', path: '/', title: 'Home' },\n  { name: 'live', path: '/live', title: 'Live' },\n]\n",
  'shell.tsx':
    "import { Home } from './pages/home.tsx'\nimport { LivePage } from './pages/live.tsx'\nuseAnswer<Options>('options')\nconst drawn = page === 'live' ? (\n  <LivePage />\n) : (\n  page === 'home' && <Home />\n)\n",
  'drawer.tsx': 'await ask<Rows>(`rows?$' + '{path}`)\n',
  'ask.ts': "import { follow } from './feed.ts'\nfetch(`/api/v1/$" + '{path}`)\n',
  'feed.ts': "fetch('/api/v1/live')\n",
  'pages/home.tsx':
    "import type { Kpis } from '#api'\nimport { useAnswer } from '../ask.ts'\nimport { Places } from './places.tsx'\nuseAnswer<Kpis>(question('kpis'))\n",
  'pages/places.tsx': 'useAnswer<PlaceVulnerability>(\n  `place-vulnerability?by=$' + '{by}`)\n',
  'pages/live.tsx': "import { follow } from '../feed.ts'\n",
}

function asked(changes: Readonly<Record<string, string>> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-asks-'))
  try {
    for (const [path, text] of Object.entries({ ...dashboard, ...changes })) {
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), text)
    }
    return askingPages(folder).map(({ name, path, asks }) => [name, path, asks.join(' ')])
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

test('a page asks what its files ask, and what these import, but not what all pages share', () => {
  assert.deepEqual(asked(), [
    ['Home', '/', 'kpis place-vulnerability'],
    ['Live', '/live', 'live'],
    ['Filters', null, 'options'],
    ['Rows behind a figure', null, 'rows'],
  ])
})

test('a page that nothing draws is an error, rather than a page that reads nothing', () => {
  assert.throws(
    () => asked({ 'shell.tsx': "import { Home } from './pages/home.tsx'\npage === 'home' && <Home />" }),
    /live/,
  )
})

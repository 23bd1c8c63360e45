import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { Fault } from '#port'
import { frame, namespaceOf, renderBlock } from '../../src/model/render.ts'
import { parseTemplate } from '../../src/model/template.ts'
import type { Callable, Value } from '../../src/model/value.ts'
import { items, text, toValue } from '../../src/model/value.ts'

interface Case {
  readonly id: string
  readonly t: string
  readonly ctx?: Record<string, unknown>
  readonly fn?: boolean
  readonly expected: string
}

const shared = process.env.FAIRLEAD_SHARED ?? join(import.meta.dirname, '../../../shared')
const casesFile = join(shared, 'jinja', 'cases.json')

const range: Callable = (args) => Array.from({ length: Number(args[0]) }, (_, i) => i)
const relation: Value = {
  kind: 'a relation',
  text: '"d"."s"."t"',
  attribute: (name) => (name === 'identifier' ? 't' : name === 'include' ? () => '"s"."t"' : undefined),
}
const functions: Readonly<Record<string, Value>> = {
  config: (_args, named) => `cfg:${[...named.keys()].join(',')}`,
  rel: relation,
  mk: () => [1],
  adapter: {
    kind: 'the adapter',
    attribute: (name) =>
      name === 'quote'
        ? (args, _named, at) => `"${text(args[0] ?? null, at)}"`
        : (args, _named, at) => {
            const prefix = [...args]
              .reverse()
              .map((arg) => text(arg, at))
              .join('.')
            return (inner) => `${prefix}(${items([...inner], at).join(',')})`
          },
  },
}

function render(template: string, context: Readonly<Record<string, unknown>> = {}): string {
  const globals = new Map<string, Value>([
    ['range', range],
    ['namespace', namespaceOf],
    ...Object.entries(functions),
    ...Object.entries(context).map(([name, value]): [string, Value] => [name, toValue(value)]),
  ])
  return renderBlock(parseTemplate(template, 'case.sql'), frame({ lookup: (name) => globals.get(name) }))
}

test('each case of the Jinja oracle renders as Python does or is refused by name', (t) => {
  if (!existsSync(casesFile)) return t.skip('the shared Jinja cases are not here')
  const cases: readonly Case[] = JSON.parse(readFileSync(casesFile, 'utf8'))
  const refused: string[] = []
  const wrong: string[] = []
  for (const { id, t: template, ctx, expected } of cases) {
    try {
      const got = render(template, ctx)
      if (got !== expected) wrong.push(`${id}: ${JSON.stringify(got)} instead of ${JSON.stringify(expected)}`)
    } catch (error) {
      if (!(error instanceof Fault)) throw error
      refused.push(`${id} (${error.message})`)
    }
  }
  t.diagnostic(
    `${cases.length - refused.length - wrong.length} of ${cases.length} right, refused: ${refused.join(', ')}`,
  )
  assert.deepEqual(wrong, [])
  assert.ok(refused.length <= 10, `refused: ${refused.join(', ')}`)
})

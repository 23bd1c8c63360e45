import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { inWorkshop, troubles } from './project.ts'
import { fillSilver } from './silver.ts'

interface Documented {
  readonly description?: string
  readonly columns?: Readonly<
    Record<string, { readonly description?: string; readonly config?: { readonly meta?: Meta } }>
  >
}

interface Meta {
  readonly unit?: string
  readonly source?: string
  readonly caveat?: string
}

test('every Gold table and seed says what each of its columns is, in which unit, from where and with what caveat', () =>
  inWorkshop(async ({ engine, build, folder }) => {
    await fillSilver(engine)
    const result = await build({ exclude: [] })
    assert.deepEqual(troubles(result), [])
    const manifest: { nodes: Record<string, Documented> } = JSON.parse(
      readFileSync(join(folder, 'target', 'manifest.json'), 'utf8'),
    )
    const gold = result.tables.filter(({ schema }) => schema === 'gold')
    assert.equal(gold.length, 22)
    for (const { id, relation, columns } of gold) {
      const documented = manifest.nodes[id]
      assert.ok(documented?.description, `${relation} is described`)
      const described = Object.entries(documented.columns ?? {})
      assert.deepEqual(described.map(([name]) => name).sort(), columns.map(({ name }) => name).sort(), relation)
      for (const [name, { description, config }] of described) {
        assert.ok(description, `${relation}.${name} is described`)
        assert.ok(config?.meta?.unit, `${relation}.${name} has a unit`)
        assert.ok(config.meta.source, `${relation}.${name} has a source`)
        assert.ok(config.meta.caveat, `${relation}.${name} has a caveat, or says that it has none`)
      }
    }
  }))

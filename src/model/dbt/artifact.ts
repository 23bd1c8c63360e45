import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { NodeResult, PlannedNode } from '#port'
import { messageOf, statusOf } from './process.ts'

/** What is read of dbt's `manifest.json`. */
export interface DbtManifest {
  readonly nodes: Readonly<Record<string, DbtNode>>
  readonly sources: Readonly<Record<string, { readonly schema: string; readonly identifier: string }>>
  readonly unit_tests: Readonly<Record<string, DbtNode>>
}

export interface DbtNode {
  readonly unique_id: string
  readonly resource_type: string
  readonly name: string
  readonly schema: string
  readonly alias?: string
  readonly config: { readonly materialized?: string }
  readonly depends_on: { readonly nodes?: readonly string[] }
  readonly compiled_code?: string | null
}

interface DbtResult {
  readonly unique_id: string
  readonly status: string
  readonly failures: number | null
  readonly message: string | null
  readonly execution_time: number
}

export function readManifest(targetFolder: string): DbtManifest {
  return JSON.parse(readFileSync(join(targetFolder, 'manifest.json'), 'utf8'))
}

export function readResults(targetFolder: string, manifest: DbtManifest): readonly NodeResult[] {
  const path = join(targetFolder, 'run_results.json')
  const { results } = JSON.parse(readFileSync(path, 'utf8')) as { readonly results: readonly DbtResult[] }
  const ran = results.filter(({ unique_id: id }) => !isNoted(id))
  return ran.map(({ unique_id: id, failures, message, ...result }) => {
    const status = statusOf(result.status)
    const kind = kindOf(id)
    return {
      id,
      kind,
      name: (manifest.nodes[id] ?? manifest.unit_tests[id])?.name ?? id,
      status,
      failures: kind === 'test' && status !== 'skipped' && status !== 'error' ? failures : null,
      message: messageOf(status, message),
      tookMs: Math.round(result.execution_time * 1000),
    }
  })
}

/** Snapshots and what runs before or after the models count as models: what they make or do is not a test. */
export function kindOf(id: string): NodeResult['kind'] {
  if (id.startsWith('test.') || id.startsWith('unit_test.')) return 'test'
  return id.startsWith('seed.') ? 'seed' : 'model'
}

/** Every node after all it needs, by id where nothing else decides. */
export function planOf({ nodes, sources, unit_tests: unitTests }: DbtManifest): readonly PlannedNode[] {
  const all = new Map([...Object.entries(nodes), ...Object.entries(unitTests)].filter(([id]) => isBuilt(id)))
  const planned = new Map<string, PlannedNode>()
  const visit = (id: string): void => {
    const node = all.get(id)
    if (node === undefined || planned.has(id)) return
    const dependsOn = node.depends_on.nodes ?? []
    for (const need of [...dependsOn].sort()) visit(need)
    const kind = kindOf(id)
    planned.set(id, {
      id,
      kind,
      name: node.name,
      dependsOn,
      sources: dependsOn.flatMap((need) => {
        const source = sources[need]
        return source === undefined ? [] : [`${source.schema}.${source.identifier}`]
      }),
      materialized: kind === 'test' ? 'test' : (node.config.materialized ?? 'view'),
      relation:
        kind === 'test' || node.config.materialized === 'ephemeral'
          ? null
          : `${node.schema}.${node.alias ?? node.name}`,
    })
  }
  for (const id of [...all.keys()].sort()) visit(id)
  return [...planned.values()]
}

/** What dbt lists among its results and builds nothing for. */
const isNoted = (id: string): boolean => /^(exposure|saved_query|metric|semantic_model)\./.test(id)

const isBuilt = (id: string): boolean => /^(model|seed|snapshot|test|unit_test)\./.test(id)

import type { NodeContext } from './context.ts'
import { nodeScope, relationThing } from './context.ts'
import type { Loaded } from './load.ts'
import { findRef } from './load.ts'
import type { ModelNode, Node, SourceTable } from './node.ts'
import { isUnit } from './node.ts'
import { mistaken } from './place.ts'
import { renderGenericTest } from './read-tests.ts'
import { findSource, makingContext } from './reading.ts'
import { frame, renderBlock } from './render.ts'
import { parseTemplate } from './template.ts'

/** What the engine holds before the build, as far as templates ask for it. */
export interface Standing {
  /** True for an incremental model that goes on from its rows. */
  goesOn(node: ModelNode): boolean
}

export interface Compiled {
  readonly node: Node
  /** The select, with the ephemeral models it reads in front. */
  readonly sql: string
  readonly ephemeral: readonly string[]
}

/** Makes SQL of every node. Nothing runs yet, so what the runner does not do is refused before anything is touched. */
export function compileAll(loaded: Loaded, nodes: readonly Node[], standing: Standing): ReadonlyMap<string, Compiled> {
  const { manifest } = loaded
  const byName = new Map([...manifest.sources.values()].map((table) => [`${table.source}.${table.name}`, table]))
  const bodies = new Map<string, Body>()
  const body = (node: Node): Body => {
    const known = bodies.get(node.id)
    if (known !== undefined) return known
    const made = compileBody(loaded, node, byName, standing)
    bodies.set(node.id, made)
    return made
  }
  const compiled = new Map<string, Compiled>()
  for (const node of nodes) {
    if (node.kind === 'seed' || isUnit(node)) continue
    const own = body(node)
    const ctes: { name: string; sql: string }[] = []
    const seen = new Set<string>()
    const gather = (of: Body): void => {
      for (const need of of.ephemeral) {
        if (seen.has(need.id)) continue
        seen.add(need.id)
        const inner = body(need)
        gather(inner)
        ctes.push({ name: need.relation.sql, sql: inner.sql })
      }
    }
    gather(own)
    compiled.set(node.id, { node, sql: withTables(own.sql, ctes), ephemeral: [...seen] })
  }
  return compiled
}

interface Body {
  readonly sql: string
  readonly ephemeral: readonly ModelNode[]
}

function compileBody(loaded: Loaded, node: Node, sources: ReadonlyMap<string, SourceTable>, standing: Standing): Body {
  const { project, manifest } = loaded
  const ephemeral: ModelNode[] = []
  const context: NodeContext = {
    ...makingContext(node, project.name),
    isIncremental: () => node.kind === 'model' && node.materialized === 'incremental' && standing.goesOn(node),
    self(at) {
      if (node.kind === 'test') throw mistaken('A test has no relation of its own.', at, 'Refer to a model.')
      return relationThing(node.relation)
    },
    source: (source, table, at) => relationThing(findSource(sources, source, table, at).relation),
    ref(names, at) {
      const found = findRef(names, at, manifest.nodes, project.name, manifest.disabled)
      if (!node.needs.nodes.has(found.id)) {
        throw mistaken(
          `${found.name} is asked for only when SQL is made, so its place in the order is unknown.`,
          at,
          `Write \`-- depends_on: {{ ref('${found.name}') }}\` at the top of the model.`,
        )
      }
      if (found.materialized === 'ephemeral') ephemeral.push(found)
      return relationThing(found.relation)
    },
  }
  if (node.kind === 'test' && node.generic !== undefined) {
    const sql = renderGenericTest(node, node.generic, manifest.macros, context, project)
    return { sql, ephemeral }
  }
  const scope = nodeScope(project, manifest.macros, project.scope, context)
  return { sql: renderBlock(parseTemplate(node.rawCode, node.file, node.at.line), frame(scope)), ephemeral }
}

/** Puts common table expressions before a select, into its own `with` where it has one. */
export function withTables(sql: string, ctes: readonly { readonly name: string; readonly sql: string }[]): string {
  if (ctes.length === 0) return sql
  const tables = ctes.map((cte) => `${cte.name} as (\n${cte.sql}\n)`).join(', ')
  const head = /^((?:\s|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)*)with(\s+recursive)?\b/i.exec(sql)
  if (head === null) return `with ${tables}\n${sql}`
  return `${head[1]}with${head[2] ?? ''} ${tables},${sql.slice(head[0].length)}`
}

/** Where a node's SQL lies under the target folder, as dbt has it: a generic test lies under the file that declares it. */
export function compiledPath(project: string, node: Node): string {
  const inside = node.file.split('/').filter((part) => part !== '..')
  const parts = node.kind === 'test' && node.generic !== undefined ? [...inside, node.path] : inside
  return ['compiled', project, ...parts].join('/')
}

import type { ModelProject } from '#port'
import { arrange } from './graph.ts'
import type { Manifest, ModelNode, Node } from './node.ts'
import type { Place } from './place.ts'
import { mistaken, suggest, unsupported } from './place.ts'
import type { Project } from './project.ts'
import { readProject } from './project.ts'
import type { Patch } from './properties.ts'
import { readDocs, readProperties } from './properties.ts'
import { readMacros } from './read-macros.ts'
import { readNodes } from './read-nodes.ts'
import { readSources } from './read-sources.ts'
import { readGenericTest } from './read-tests.ts'
import { readUnitTest } from './read-unit-tests.ts'
import type { Reading } from './reading.ts'

/** A project read whole: what it holds, what needs what, and what may still be asked of its templates. */
export interface Loaded {
  readonly project: Project
  readonly manifest: Manifest
}

export function loadProject(request: ModelProject): Loaded {
  const project = readProject(request)
  const docs = readDocs(project)
  const properties = readProperties(project, docs)
  const macros = readMacros(project, properties.macroDescriptions)
  const sources = readSources(project, properties.sources)
  const reading: Reading = { project, properties, macros, sources }

  const disabled = new Set<string>()
  const nodes = new Map<string, Node>()
  const add = (node: Node): void => {
    if (node.config.get('enabled') === false) {
      disabled.add(node.name)
      return
    }
    const before = nodes.get(node.id)
    if (before !== undefined) {
      const kind = node.kind === 'test' ? 'test' : node.kind
      const mend = kind === 'test' ? 'Give one of them a name.' : 'Rename one of them.'
      throw mistaken(`The ${kind} ${node.name} is also at ${before.at.file}:${before.at.line}.`, node.at, mend)
    }
    nodes.set(node.id, node)
  }
  for (const node of readNodes(reading)) add(node)
  refuseTwins(nodes)
  const named = [...nodes.values()].filter((node) => node.kind !== 'test').map((node) => node.name)
  for (const patch of properties.patches) refuseStrayPatch(patch, nodes, disabled, named)
  for (const entry of properties.tests) {
    const target = entry.target.join('.')
    const known = entry.on === 'sources' ? sources.has(target) : named.includes(target)
    if (known) add(readGenericTest(reading, entry))
  }
  for (const entry of properties.unitTests) add(readUnitTest(project, entry, nodes))
  for (const node of nodes.values()) resolveNeeds(node, nodes, project.name, disabled)
  const order = arrange(nodes)
  const manifest: Manifest = {
    project: project.name,
    targetName: request.target,
    nodes,
    sources: new Map([...sources.values()].map((table) => [table.id, table])),
    macros,
    docs,
    disabled,
    order,
  }
  return { project, manifest }
}

function resolveNeeds(
  node: Node,
  nodes: ReadonlyMap<string, Node>,
  projectName: string,
  disabled: ReadonlySet<string>,
): void {
  for (const { names, at } of node.needs.refs) node.needs.nodes.add(findRef(names, at, nodes, projectName, disabled).id)
}

function refuseTwins(nodes: ReadonlyMap<string, Node>): void {
  const names = new Map<string, Node>()
  const relations = new Map<string, Node>()
  for (const node of nodes.values()) {
    if (node.kind === 'test') continue
    const twin = names.get(node.name)
    if (twin !== undefined) {
      throw mistaken(`The ${node.kind} ${node.name} has the name of ${twin.at.file}.`, node.at, 'Rename one of them.')
    }
    names.set(node.name, node)
    if (node.materialized === 'ephemeral') continue
    const relation = node.relation.sql.toLowerCase()
    const other = relations.get(relation)
    if (other !== undefined) {
      throw mistaken(
        `${node.name} and ${other.name} would both be ${node.relation.sql}.`,
        node.at,
        'Give one another alias or schema.',
      )
    }
    relations.set(relation, node)
  }
}

function refuseStrayPatch(
  patch: Patch,
  nodes: ReadonlyMap<string, Node>,
  disabled: ReadonlySet<string>,
  named: readonly string[],
): void {
  const kind = patch.kind === 'models' ? 'model' : patch.kind === 'seeds' ? 'seed' : 'test'
  const known = [...nodes.values()].some((node) => node.kind === kind && node.name === patch.name)
  if (known || disabled.has(patch.name)) return
  throw mistaken(`There is no ${kind} ${patch.name}.`, patch.at, suggest(patch.name, named, kind))
}

export function findRef(
  names: readonly string[],
  at: Place,
  nodes: ReadonlyMap<string, Node>,
  projectName: string,
  disabled: ReadonlySet<string>,
): ModelNode {
  const name = names.at(-1) ?? ''
  if (names.length > 1 && names[0] !== projectName) throw unsupported(`ref() into the package ${names[0]}`, at)
  for (const kind of ['model', 'seed']) {
    const found = nodes.get(`${kind}.${projectName}.${name}`)
    if (found !== undefined && found.kind !== 'test') return found
  }
  if (disabled.has(name)) throw mistaken(`${name} is not enabled.`, at, `Enable ${name}, or do not refer to it.`)
  const known = [...nodes.values()].filter((each) => each.kind !== 'test').map((each) => each.name)
  throw mistaken(`There is no model or seed ${name}.`, at, suggest(name, known, 'model or seed'))
}

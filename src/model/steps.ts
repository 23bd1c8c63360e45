import { ancestors } from './graph.ts'
import type { Manifest, Node, TestNode } from './node.ts'
import { isUnit } from './node.ts'

/** A model, a seed or a unit test by itself, or tests that read the same and are asked together. */
export interface Step {
  readonly nodes: readonly [Node, ...Node[]]
  /** Earlier steps that have to be done before this one begins. */
  readonly after: readonly Step[]
}

/** The steps of nodes that come in build order, in that order. What a step comes after is what could block it, see `blockerOf`. */
export function stepsOf(nodes: readonly Node[], all: ReadonlyMap<string, Node>): readonly Step[] {
  const steps: Step[] = []
  const tables = new Map<string, Step>()
  const tests: { readonly test: TestNode; readonly step: Step }[] = []
  for (const together of groupsOf(nodes)) {
    const [first] = together
    const above = standsOn(first, all)
    const after = new Set([...above].flatMap((id) => tables.get(id) ?? []))
    if (first.kind !== 'test') {
      for (const { test, step } of tests) if (guards(test, above)) after.add(step)
    }
    const step: Step = { nodes: together, after: [...after] }
    steps.push(step)
    if (first.kind !== 'test') tables.set(first.id, step)
    else tests.push({ test: first, step })
  }
  return steps
}

type Group = readonly [Node, ...Node[]]

function groupsOf(nodes: readonly Node[]): readonly Group[] {
  const groups: Group[] = []
  let tests = new Map<string, [Node, ...Node[]]>()
  const endRow = () => {
    groups.push(...tests.values())
    tests = new Map()
  }
  for (const node of nodes) {
    if (node.kind === 'test' && !isUnit(node)) {
      const reads = [...node.needs.nodes].sort().join('\n')
      const group = tests.get(reads)
      if (group === undefined) tests.set(reads, [node])
      else group.push(node)
    } else {
      endRow()
      groups.push([node])
    }
  }
  endRow()
  return groups
}

/** What keeps a node from running: something it reads did not come to stand, or a test of all it reads did not pass. The first of these in `order`. */
export function blockerOf(
  node: Node,
  failed: ReadonlySet<Node>,
  { nodes, order }: Pick<Manifest, 'nodes' | 'order'>,
): Node | undefined {
  if (failed.size === 0) return undefined
  const above = standsOn(node, nodes)
  return order.find(
    (other) =>
      failed.has(other) && (other.kind !== 'test' ? above.has(other.id) : node.kind !== 'test' && guards(other, above)),
  )
}

/** The node and all that it reads, near or far. */
function standsOn(node: Node, all: ReadonlyMap<string, Node>): ReadonlySet<string> {
  // A unit test comes before its model, and guards it as well.
  return new Set([...ancestors(node.id, all), node.id])
}

function guards(test: TestNode, above: ReadonlySet<string>): boolean {
  if (isUnit(test)) return above.has(test.unit.model)
  return test.needs.nodes.size > 0 && [...test.needs.nodes].every((id) => above.has(id))
}

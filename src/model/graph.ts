import { Fault } from '#port'
import type { ModelNode, Node, TestNode } from './node.ts'
import { isUnit } from './node.ts'

/** Seeds, then models each after what it reads, then each test as soon as all it reads is there, unit tests right before their model. By name where nothing else decides. */
export function arrange(nodes: ReadonlyMap<string, Node>): readonly Node[] {
  const tables = [...nodes.values()].filter((node): node is ModelNode => node.kind !== 'test')
  const tests = [...nodes.values()].filter((node): node is TestNode => node.kind === 'test' && node.unit === undefined)
  const allUnits = [...nodes.values()].filter(isUnit).sort((a, b) => (a.id < b.id ? -1 : 1))
  const units = Map.groupBy(allUnits, ({ unit }) => unit.model)
  const byName = (a: Node, b: Node): number => (a.id < b.id ? -1 : 1)
  tables.sort((a, b) => (a.kind === b.kind ? byName(a, b) : a.kind === 'seed' ? -1 : 1))
  tests.sort(byName)

  const order: Node[] = []
  const done = new Set<string>()
  const waiting = new Set(tests)
  const takeTests = (): void => {
    for (const test of waiting) {
      if (![...test.needs.nodes].every((id) => done.has(id) || !nodes.has(id))) continue
      order.push(test)
      waiting.delete(test)
    }
  }
  const visit = (node: Node, path: readonly Node[]): void => {
    if (done.has(node.id)) return
    if (path.includes(node)) throw cycle([...path.slice(path.indexOf(node)), node])
    for (const id of [...node.needs.nodes].sort()) {
      const need = nodes.get(id)
      if (need !== undefined) visit(need, [...path, node])
    }
    for (const test of units.get(node.id) ?? []) order.push(test)
    done.add(node.id)
    order.push(node)
    takeTests()
  }
  takeTests()
  for (const node of tables) visit(node, [])
  return order
}

function cycle(path: readonly Node[]): Fault {
  const names = path.map((node) => node.name).join(' → ')
  const [first, second] = path
  const at = first?.needs.refs.find(({ names }) => names.at(-1) === second?.name)?.at ?? first?.at
  return new Fault('model/cycle', `${at?.file}:${at?.line}: The models need one another in a circle: ${names}.`, {
    mend: 'Take one of these references out.',
    facts: { cycle: names, file: at?.file ?? '', line: at?.line ?? 1 },
  })
}

/** Every node that a node stands on, near or far. */
export function ancestors(id: string, nodes: ReadonlyMap<string, Node>): ReadonlySet<string> {
  const found = new Set<string>()
  const walk = (of: string): void => {
    for (const need of nodes.get(of)?.needs.nodes ?? []) {
      if (found.has(need)) continue
      found.add(need)
      walk(need)
    }
  }
  walk(id)
  return found
}

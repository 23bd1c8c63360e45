import assert from 'node:assert/strict'

export interface ReadFamily {
  readonly type: string
  readonly help: string
  /** Value by the sample's own name and its labels, as `JSON.stringify([name, [[label, value], …]])` with labels in order of name. */
  readonly samples: Map<string, number>
}

const familyName = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/
const sampleLine = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/
const labelPair = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\\\|\\"|\\n)*)"(?:,|$)/
const number = /^(?:[-+]?(?:[0-9]+(?:\.[0-9]+)?(?:e[-+]?[0-9]+)?|Inf)|NaN)$/

/**
 * A second reading of the text format 0.0.4 (prometheus.io/docs/instrumenting/exposition_formats), as strict as its words: every family is told and typed once, before its
 * samples and with none of another between; no sample stands twice; buckets rise, end at +Inf and agree with the count.
 */
export function readExposition(text: string): Map<string, ReadFamily> {
  assert.ok(text.endsWith('\n'), 'the last line ends')
  const families = new Map<string, ReadFamily>()
  let current: { name: string; help: string } | undefined
  for (const line of text.slice(0, -1).split('\n')) {
    const [, help, helped = ''] = /^# HELP (\S+) (.*)$/.exec(line) ?? []
    if (help !== undefined) {
      assert.match(help, familyName)
      assert.ok(!families.has(help), `${help} is told once`)
      current = { name: help, help: unescaped(helped) }
      continue
    }
    const [, typed, type = ''] = /^# TYPE (\S+) (counter|gauge|histogram)$/.exec(line) ?? []
    if (typed !== undefined) {
      assert.equal(typed, current?.name, 'a type follows the help of the same family')
      assert.ok(!families.has(typed), `${typed} is typed once`)
      families.set(typed, { type, help: current?.help ?? '', samples: new Map() })
      continue
    }
    const [, name = '', labels = '', value = ''] = sampleLine.exec(line) ?? []
    assert.notEqual(name, '', `a line of the format: ${line}`)
    assert.match(value, number, line)
    const family = families.get(current?.name ?? '')
    assert.ok(family && current, `${name} stands in a family`)
    const suffixes = family.type === 'histogram' ? ['_bucket', '_sum', '_count'] : ['']
    assert.ok(
      suffixes.some((suffix) => name === `${current?.name}${suffix}`),
      `${name} is of ${current.name}`,
    )
    const key = keyOf(name, readLabels(labels))
    assert.ok(!family.samples.has(key), `${key} stands once`)
    family.samples.set(key, Number(value.replace('Inf', 'Infinity')))
  }
  for (const [name, family] of families) {
    assert.ok(family.samples.size > 0, `${name} has samples`)
    if (family.type === 'histogram') checkBuckets(name, family)
  }
  return families
}

function keyOf(name: string, labels: Readonly<Record<string, string>>): string {
  return JSON.stringify([name, Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))])
}

/** The value of one sample; undefined where there is none. */
export function sampleOf(
  families: ReadonlyMap<string, ReadFamily>,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number | undefined {
  return (
    families.get(name.replace(/_(?:bucket|sum|count)$/, ''))?.samples.get(keyOf(name, labels)) ??
    families.get(name)?.samples.get(keyOf(name, labels))
  )
}

/** All samples of a family, added up over the labels that are not named. */
export function sumOf(
  families: ReadonlyMap<string, ReadFamily>,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number {
  let sum = 0
  for (const [key, value] of families.get(name)?.samples ?? []) {
    const own = Object.fromEntries((JSON.parse(key) as [string, [string, string][]])[1])
    if (Object.entries(labels).every(([label, text]) => own[label] === text)) sum += value
  }
  return sum
}

function readLabels(text: string): Record<string, string> {
  const labels: Record<string, string> = {}
  for (let rest = text; rest !== ''; ) {
    const [all = '', label = '', value = ''] = labelPair.exec(rest) ?? []
    assert.notEqual(all, '', `labels of the format: ${text}`)
    assert.ok(!(label in labels), `${label} stands once`)
    labels[label] = unescaped(value)
    rest = rest.slice(all.length)
  }
  return labels
}

function unescaped(text: string): string {
  return text.replace(/\\([\\"n])/g, (_all, what: string) => (what === 'n' ? '\n' : what))
}

function checkBuckets(name: string, { samples }: ReadFamily): void {
  const series = new Map<string, { bounds: [number, number][]; sum?: number; count?: number }>()
  for (const [key, value] of samples) {
    const [sample, pairs] = JSON.parse(key) as [string, [string, string][]]
    const own = JSON.stringify(pairs.filter(([label]) => label !== 'le'))
    const of = series.get(own) ?? { bounds: [] }
    const bound = pairs.find(([label]) => label === 'le')?.[1]
    if (sample.endsWith('_bucket')) of.bounds.push([Number(bound?.replace('Inf', 'Infinity')), value])
    else if (sample.endsWith('_sum')) of.sum = value
    else of.count = value
    series.set(own, of)
  }
  for (const [own, { bounds, sum, count }] of series) {
    for (const [i, [bound, value]] of bounds.entries()) {
      const [lower, fewer] = bounds[i - 1] ?? [Number.NEGATIVE_INFINITY, 0]
      assert.ok(bound > lower && value >= fewer, `${name} ${own}: buckets rise`)
    }
    assert.deepEqual(bounds.at(-1), [Number.POSITIVE_INFINITY, count], `${name} ${own}: the last bucket has all`)
    assert.ok(sum !== undefined, `${name} ${own} has a sum`)
  }
}

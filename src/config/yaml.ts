import { isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml'
import { Fault } from '#port'

/** What stands in the file, with the line of each key. */
export interface YamlEntry {
  /** Full key, `query.maxRows`. */
  readonly key: string
  /** 1-based. */
  readonly line: number
  /** A map is only what its entries are; a list holds scalars. */
  readonly value: YamlScalar | readonly YamlScalar[]
}

export type YamlScalar = string | number | boolean | null

/** The file's leaves in order. An empty file has none. */
export function readYaml(file: string, text: string): readonly YamlEntry[] {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const error = document.errors[0]
  if (error) {
    const line = lines.linePos(error.pos[0]).line
    throw new Fault('config/unreadable', `${file}:${line}: ${error.message}`, {
      mend: 'Write it as YAML: `key: value`, one a line, with groups indented by two spaces.',
      facts: { file, line },
    })
  }
  const entries: YamlEntry[] = []
  const lineOf = (node: unknown) => (isScalar(node) && node.range ? lines.linePos(node.range[0]).line : 1)
  const visit = (node: unknown, prefix: string, line: number): void => {
    if (isMap(node)) {
      for (const pair of node.items) {
        visit(pair.value, prefix + (prefix === '' ? '' : '.') + String(pair.key), lineOf(pair.key))
      }
      return
    }
    if (isSeq(node)) {
      entries.push({ key: prefix, line, value: node.items.map((item) => scalar(isScalar(item) ? item.value : item)) })
      return
    }
    const value = isScalar(node) ? node.value : null
    if (prefix !== '') entries.push({ key: prefix, line, value: scalar(value) })
    else if (value !== null) {
      throw new Fault('config/unreadable', `${file} holds no options, only the text ${JSON.stringify(value)}.`, {
        mend: 'Write it as YAML: `key: value`, one a line.',
        facts: { file, line },
      })
    }
  }
  visit(document.contents, '', 1)
  return entries
}

function scalar(value: unknown): YamlScalar {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' || value === null)
    return value
  return String(value)
}

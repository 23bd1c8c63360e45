/** Rows of a short CSV text with a header, as a unit test has them; an empty cell is null. */
export function readCsv(source: string): readonly ReadonlyMap<string, string | null>[] {
  const [header = [], ...rows] = records(source.trim())
  return rows.map((row) => new Map(header.map((name, at) => [(name ?? '').trim(), row[at] ?? null])))
}

function records(source: string): readonly (readonly (string | null)[])[] {
  const lines: (string | null)[][] = []
  let line: (string | null)[] = []
  const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/gy
  for (let match = cell.exec(source); match !== null && match.index <= source.length; match = cell.exec(source)) {
    const bare = match[2]?.trim()
    line.push(match[1] === undefined ? (bare === '' ? null : (bare ?? null)) : match[1].replaceAll('""', '"'))
    if (match[3] === ',') continue
    lines.push(line)
    line = []
    if (match[3] === '') break
  }
  return lines
}

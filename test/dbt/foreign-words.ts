/** What DuckDB reads and the other engine does not, or reads otherwise, by target. Written for text without comments and literals. */
const duckdbAlone: readonly (readonly [string, RegExp])[] = [
  ['::', /::/],
  ['a filter clause', /\)\s*filter\s*\(/i],
  ['arg_max and arg_min', /\barg_(max|min)\s*\(/i],
  ['strftime and strptime', /\b(try_)?str[fp]time\s*\(/i],
  ['functions of lists', /\b(list|array|map|struct)_\w+\s*\(|\blist\s*\(/i],
  ['a list', /(?<!\w)\[/],
  ['a lambda', /\w\s*->\s*\w/],
  ['quantile', /\bquantile(_cont|_disc)?\s*\(/i],
  ['epoch', /\bepoch(_ms|_us|_ns)?\s*\(/i],
  ['regexp_matches', /\bregexp_(matches|extract|full_match)\s*\(/i],
  ['order by all', /\border\s+by\s+all\b/i],
  ['exclude', /\*\s*exclude\b/i],
  ['columns()', /\bcolumns\s*\(/i],
  ['hugeint', /\bu?hugeint\b/i],
  ['reading files', /\bread_\w+\s*\(/i],
  ['date_diff and date_part by name', /\bdate_(diff|sub)\s*\(/i],
  ['make_date', /\bmake_(date|timestamp|timestamptz)\s*\(/i],
  ['string_split', /\b(string_split|str_split|string_agg)\s*\(/i],
  ['whole division', /\/\//],
  ['unnest', /\bunnest\s*\(/i],
  ['range', /\b(range|generate_series)\s*\(/i],
  ['isodow', /\bisodow\b/i],
  ['bool_and and bool_or', /\bbool_(and|or)\s*\(/i],
  ['from before select', /^\s*from\b|\(\s*from\b/i],
  ['printf and format', /\bprintf\s*\(|\bformat\s*\(/i],
]

const alone: Readonly<Record<'snowflake' | 'databricks', readonly (readonly [string, RegExp])[]>> = {
  snowflake: [...duckdbAlone, ['text quoted by backticks', /`/], ['isinf and isnan', /\bis(inf|nan|finite)\s*\(/i]],
  databricks: [
    ...duckdbAlone,
    ['names in double quotes, which are text there', /"/],
    ['varchar without a length', /\bvarchar\b(?!\s*\()/i],
    ['timestamptz', /\btimestamptz\b|\btimestamp\s+with\s+time\s+zone\b/i],
  ],
}

/** Names of what stands in this SQL and is no other engine's, with the words around it. */
export function foreignWords(sql: string, target: 'snowflake' | 'databricks'): readonly string[] {
  const text = bare(sql)
  return alone[target].flatMap(([name, pattern]) => {
    const found = pattern.exec(text)
    return found === null ? [] : [`${name}: ${text.slice(Math.max(0, found.index - 30), found.index + 40).trim()}`]
  })
}

const bare = (sql: string): string =>
  sql
    .replace(/\/\*[\s\S]*?\*\//g, ' ')
    .replace(/--[^\n]*/g, ' ')
    .replace(/'(?:[^']|'')*'/g, "''")

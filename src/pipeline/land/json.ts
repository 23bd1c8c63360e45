import type { Feature, FeatureCollection } from 'geojson'
import type { Layout } from '#contract'
import { isTopology, topologyFeatures } from '#geo'
import { Fault } from '#port'

/** What a JSON file holds, in the shape of a table. */
export interface JsonTable {
  readonly format: Exclude<Layout['format'], 'csv'>
  /** In order of first appearance; what layouts are matched by. */
  readonly headers: readonly string[]
  readonly count: number
  /** When the publisher last changed the rows, where the file says so. */
  readonly publishedMs: number | undefined
  /** JSON text of the record at a position, its keys among `keys`, which stand for `headers` one by one. */
  record(at: number, keys: readonly string[]): string
}

/** Faults: `land/json` where the text is not JSON, `land/json-shape` where it is none of the shapes known here. */
export function jsonTable(text: string): JsonTable {
  const value = parsed(text)
  if (isTopology(value))
    return featureTable(
      'topojson',
      featuresOf(() => topologyFeatures(value)),
    )
  if (isFeatureCollection(value)) return featureTable('geojson', value.features)
  if (isSocrata(value)) return socrataTable(value)
  throw new Fault('land/json-shape', 'The JSON is neither Socrata rows.json, nor GeoJSON, nor TopoJSON.', {
    mend: 'Fetch the dataset in one of these shapes, or as CSV.',
  })
}

/** A number that a double cannot hold is kept as the text that stood there. */
const longInteger = /[[,:\s]-?[0-9]{16,}\s*[\],}]/

function parsed(text: string): unknown {
  try {
    if (!longInteger.test(text)) return JSON.parse(text)
    return JSON.parse(text, (_key, value, context?: { readonly source?: string }) =>
      typeof value === 'number' && !Number.isSafeInteger(value) && Number.isInteger(value)
        ? (context?.source ?? value)
        : value,
    )
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new Fault('land/json', `The JSON cannot be read: ${why.replace(/\s+/g, ' ').slice(0, 200)}.`, {
      mend: 'Fetch the file again: it may have been cut off.',
      cause,
    })
  }
}

/** Text as it stands; what is no text, as its JSON. */
function asRead(value: unknown): string | null {
  if (value === null || value === undefined) return null
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function recordText(keys: readonly string[], value: (at: number) => unknown): string {
  const fields: string[] = []
  for (let at = 0; at < keys.length; at += 1) {
    const found = value(at)
    if (found !== undefined) fields.push(`${JSON.stringify(keys[at])}:${JSON.stringify(asRead(found))}`)
  }
  return `{${fields.join(',')}}`
}

function isFeatureCollection(value: unknown): value is FeatureCollection {
  if (typeof value !== 'object' || value === null || !('type' in value) || !('features' in value)) return false
  return (
    value.type === 'FeatureCollection' &&
    Array.isArray(value.features) &&
    value.features.every((feature: unknown) => typeof feature === 'object' && feature !== null)
  )
}

function featuresOf(make: () => readonly Feature[]): readonly Feature[] {
  try {
    return make()
  } catch (cause) {
    throw new Fault('land/json-shape', 'The TopoJSON names an arc that it does not have.', {
      mend: 'Fetch the file again, or convert it to GeoJSON.',
      cause,
    })
  }
}

/** A feature's properties are its headers; its shape is the header `geometry`, GeoJSON. */
function featureTable(format: 'geojson' | 'topojson', features: readonly Feature[]): JsonTable {
  const properties = new Set<string>()
  for (const feature of features) for (const name of Object.keys(feature.properties ?? {})) properties.add(name)
  properties.delete('geometry')
  const headers = [...properties, 'geometry']
  return {
    format,
    headers,
    count: features.length,
    publishedMs: undefined,
    record: (at, keys) => {
      const feature = features[at]
      return recordText(keys, (column) => {
        if (column === headers.length - 1) return feature?.geometry ?? null
        const header = headers[column] ?? ''
        return feature?.properties !== null && Object.hasOwn(feature?.properties ?? {}, header)
          ? (feature?.properties?.[header] ?? null)
          : undefined
      })
    },
  }
}

interface SocrataColumn {
  readonly id?: number
  readonly name?: string
  readonly fieldName?: string
  readonly dataTypeName?: string
}

interface Socrata {
  readonly meta: { readonly view: { readonly columns: readonly SocrataColumn[]; readonly rowsUpdatedAt?: unknown } }
  readonly data: readonly (readonly unknown[])[]
}

function isSocrata(value: unknown): value is Socrata {
  if (typeof value !== 'object' || value === null || !('meta' in value) || !('data' in value)) return false
  const { meta, data } = value
  if (typeof meta !== 'object' || meta === null || !('view' in meta)) return false
  const { view } = meta
  return (
    typeof view === 'object' &&
    view !== null &&
    'columns' in view &&
    Array.isArray(view.columns) &&
    Array.isArray(data) &&
    data.every((row) => Array.isArray(row))
  )
}

/**
 * Rows are positional, named by `meta.view.columns`. The hidden columns (`:sid`, `:position`, `:updated_at`…) count uploads, not records:
 * they are left out, so that the same records published again are the same records.
 */
function socrataTable({ meta, data }: Socrata): JsonTable {
  const shown = meta.view.columns.flatMap((column, position) =>
    column.dataTypeName === 'meta_data' || column.fieldName?.startsWith(':') === true ? [] : [{ column, position }],
  )
  const { rowsUpdatedAt } = meta.view
  return {
    format: 'socrata',
    headers: shown.map(({ column }) => column.name ?? column.fieldName ?? ''),
    count: data.length,
    publishedMs: typeof rowsUpdatedAt === 'number' ? rowsUpdatedAt * 1000 : undefined,
    record: (at, keys) => recordText(keys, (column) => data[at]?.[shown[column]?.position ?? -1]),
  }
}

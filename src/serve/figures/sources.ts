import type { DatasetSources, SourceFile, Sources } from '#api'
import { countOf, numberOf, select, textOf } from '../select.ts'
import type { FigureRoute } from './question.ts'

export const sources: FigureRoute = {
  parameters: [],
  async answer(_ask, { engine, datasets }): Promise<Omit<Sources, 'publication' | 'sample'>> {
    const rows = await select(
      engine,
      `SELECT dataset, source, name, url, sha256, size_bytes, modified_at, fetched_at, format, encoding, layout, records,
         sample, error, same_as FROM bronze.file ORDER BY dataset, name, sha256 LIMIT 10000`,
    )
    const filesOf = new Map<string, SourceFile[]>()
    for (const row of rows) {
      const dataset = textOf(row.dataset) ?? ''
      const files = filesOf.get(dataset) ?? []
      filesOf.set(dataset, files)
      files.push({
        name: textOf(row.name) ?? '',
        source: textOf(row.source) ?? '',
        sha256: textOf(row.sha256) ?? '',
        sizeBytes: countOf(row.size_bytes),
        records: numberOf(row.records),
        layout: textOf(row.layout),
        format: textOf(row.format),
        encoding: textOf(row.encoding),
        fetchedFrom: textOf(row.url),
        modifiedAt: textOf(row.modified_at),
        fetchedAt: textOf(row.fetched_at),
        sample: textOf(row.sample),
        error: textOf(row.error),
        sameAs: textOf(row.same_as),
      })
    }
    // Named one by one: what is given as a dataset may be its whole contract.
    const described: DatasetSources[] = datasets.map(
      ({ name, title, about, publisher, licence, attribution, url }) => ({
        dataset: name,
        title,
        about,
        publisher,
        licence,
        attribution,
        url,
        files: filesOf.get(name) ?? [],
      }),
    )
    return { datasets: described }
  },
}

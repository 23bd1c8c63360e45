import { columns, equity } from './equity.ts'
import { heatmap } from './heatmap.ts'
import { histogram } from './histogram.ts'
import { kpis } from './kpis.ts'
import { options } from './options.ts'
import { quality } from './quality.ts'
import type { FigureRoute } from './question.ts'
import { pageOf, pageParameters, readPage, rowParameters, rowSelect } from './rows.ts'
import { sources } from './sources.ts'
import { placeVulnerability, summaries } from './summaries.ts'
import { vulnerability } from './vulnerability.ts'

/** What the API answers from a publication, by the last part of the address. */
export const figures: Readonly<Record<string, FigureRoute>> = {
  options,
  kpis,
  histogram,
  summaries,
  heatmap,
  vulnerability,
  'place-vulnerability': placeVulnerability,
  equity,
  columns,
  quality,
  sources,
  schools: {
    parameters: [...rowParameters.filter((name) => name !== 'of'), ...pageParameters],
    answer: (ask, question) =>
      readPage(rowSelect(ask, question), pageOf(ask, { most: 5_000, usual: 100 }), question.engine),
  },
}

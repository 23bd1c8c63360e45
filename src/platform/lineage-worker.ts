/** The process that reads lineage for the dashboard, started by `keptLineage`. */
import type { LineageView } from '#api'
import { layoutOf, withoutLoose } from '#lineage'
import { readLineage } from './lineage.ts'
import type { LineageRequest } from './lineage-api.ts'
import { asProcess } from './process.ts'

await asProcess<LineageRequest, LineageView>(async (request, effects) => {
  const lineage = await readLineage(request, effects)
  return { lineage, layout: layoutOf(withoutLoose(lineage), { columns: false }) }
})

import type { LineageView } from '#api'
import type { WorkEffects } from './api.ts'
import { listDatasets } from './contracts.ts'
import type { LineageRequest } from './lineage-api.ts'
import { inProcess } from './process.ts'
import { goldProject, hashProject } from './project.ts'

/**
 * Lineage for who asks again and again: read in a process of its own, so that others are answered meanwhile and its memory comes back, and read anew only
 * where the contracts or a file of the project changed. Faults: those of `readLineage`.
 */
export function keptLineage(request: LineageRequest, effects: WorkEffects): () => Promise<LineageView> {
  let kept: { readonly hash: string; readonly view: Promise<LineageView> } | undefined
  return async () => {
    const hash = await hashProject(goldProject(request, process.env), await listDatasets(request))
    if (kept?.hash === hash) return kept.view
    const { datasets, models, engine } = request
    const plain = { datasets, models, engine: { memoryMb: engine.memoryMb } }
    const view = inProcess<LineageRequest, LineageView>(new URL('./lineage-worker.ts', import.meta.url), plain, effects)
    kept = { hash, view }
    // What failed is tried again by who asks next.
    view.catch(() => {
      if (kept?.view === view) kept = undefined
    })
    return view
  }
}

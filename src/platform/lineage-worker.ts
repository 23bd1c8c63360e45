/** The thread that reads lineage, started by `lineageInThread`. */
import type { Lineage } from '#api'
import type { LineageRequest } from './lineage.ts'
import { readLineage } from './lineage.ts'
import { asThread } from './thread.ts'

await asThread<LineageRequest, Lineage>(readLineage)

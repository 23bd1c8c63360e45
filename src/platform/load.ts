import { randomUUID } from 'node:crypto'
import { snowflakeSetup, snowflakeTables } from '#compile'
import { loadWarehouse } from '#pipeline'
import { noFailpoint } from '#port'
import type { LoadOptions, LoadResult, SetupRequest, WorkEffects } from './api.ts'
import { listDatasets } from './contracts.ts'
import { requiredLake } from './lake.ts'
import { warehouseTables } from './project.ts'
import { checkDatabase, lakeStage, namesOf, openWarehouse } from './snowflake.ts'
import { inWorkshop } from './workshop.ts'

/** Brings Silver into the warehouse. */
export async function loadLake(options: LoadOptions, { report, signal }: WorkEffects): Promise<LoadResult> {
  const startedMs = Date.now()
  const { snowflake, full } = options
  const { database, role, stage } = snowflake
  const lake = await requiredLake(options.lake, { report, failpoint: noFailpoint })
  const tables = warehouseTables(await listDatasets(options))
  return inWorkshop(lake, options, { report, signal, failpoint: noFailpoint }, async (effects) => {
    const warehouse = await openWarehouse(snowflake, effects.scratch.folder)
    const stop = () => warehouse.cancel()
    signal.addEventListener('abort', stop, { once: true })
    try {
      await checkDatabase(database, role, warehouse)
      const loaded = await loadWarehouse(
        tables,
        { database, stage, full },
        { ...effects, warehouse, newId: randomUUID },
      )
      return { database, ...loaded, tookMs: Date.now() - startedMs }
    } finally {
      signal.removeEventListener('abort', stop)
      await warehouse.close()
    }
  })
}

export async function warehouseSetup(request: SetupRequest): Promise<string> {
  const { snowflake, developers, lake } = request
  const bucket = lake.startsWith('gs://') ? lake.split('?')[0] : undefined
  const setup = snowflakeSetup({ names: namesOf(snowflake), developers, bucket, stage: snowflake.stage ?? lakeStage })
  const tables = warehouseTables(await listDatasets(request))
  return `${setup}\n-- Tables; a load makes them too.\nUSE ROLE "${snowflake.role}";\n${snowflakeTables(snowflake.database, tables)}`
}

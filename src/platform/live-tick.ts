import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { silverColumns } from '#compile'
import type { Contract } from '#contract'
import { embeddedRunner } from '#model'
import type { LiveOptions, LiveOutcome, RunRecord, StageEffects } from '#pipeline'
import { cleanDataset, liveRunRoot, publishLive, recordRun } from '#pipeline'
import type { ModelRunner, Report } from '#port'
import { Fault } from '#port'
import type { LakeOptions } from './api.ts'
import { goldProject, hashProject, liveDataset, liveSelect } from './project.ts'

/** A topic, and the dataset it brings. */
export interface Source {
  readonly contract: Contract
  readonly topic: string
}

/** `weather`: it was told, and the next tick tries again. */
export type TickOutcome = 'done' | 'held' | 'weather'

/** How often in a row weather is borne before it is a fault. */
const patience = 8

/** Cleans what landed and publishes what that changes; what failed is recorded, so that whoever looks is told why nothing newer is shown. */
export async function liveTick(
  sources: readonly Source[],
  options: LakeOptions,
  effects: StageEffects,
): Promise<() => Promise<TickOutcome>> {
  const live = sources.find(({ contract }) => contract.name === liveDataset)?.contract
  const project = goldProject(options, process.env)
  const projectHash = live === undefined ? '' : await hashProject(project, [live])
  const runner = embeddedRunner({ report: quietly(effects.report), nowMs: effects.nowMs, newId: randomUUID })
  let told = ''
  let failures = 0
  /** The version of Silver whose build failed: the same rows would fail again. */
  let heldAt: number | undefined
  /** See `LiveOptions`: only what was published as it was built stands there. */
  let engineHolds: number | undefined

  async function record(
    outcome: RunRecord['outcome'],
    failed: readonly { id: string; message: string | null }[],
    fault: Fault | null,
  ) {
    const text = JSON.stringify([outcome, failed, fault])
    if (text === told) return
    told = text
    await recordRun(effects.table(liveRunRoot), {
      ...{ runId: randomUUID(), startedAt: new Date(effects.nowMs()).toISOString(), tookMs: 0, outcome },
      failed: failed.map((each) => ({ ...each, failures: null })),
      fault: fault === null ? null : { code: fault.code, what: fault.message, mend: fault.mend },
    })
  }

  return async () => {
    try {
      for (const { contract } of sources) await cleanDataset(contract, { ...effects, report: quietly(effects.report) })
      if (live === undefined) return 'done'
      const silver = (await effects.table(`silver/${live.name}`).snapshot())?.version
      if (heldAt !== undefined && heldAt === silver) return 'held'
      const holds = engineHolds
      engineHolds = undefined
      const outcome = await publishOnce(live, { project, projectHash, engineHolds: holds }, runner, effects)
      if (outcome.outcome === 'published') engineHolds = outcome.publication.version
      if (outcome.outcome === 'unchanged') engineHolds = holds
      failures = 0
      heldAt = outcome.outcome === 'held' ? silver : undefined
      if (outcome.outcome === 'held') await record('held', outcome.failed, null)
      else told = ''
      return outcome.outcome === 'held' ? 'held' : 'done'
    } catch (error) {
      if (!(error instanceof Fault)) throw error
      // Stopped between two commits, as asked; the next start goes on from there.
      if (effects.signal.aborted && (error.code === 'machine/stopped' || error.code === 'engine/cancelled'))
        return 'done'
      failures += 1
      if (!error.retry || failures >= patience) {
        await record('failed', [], error).catch(() => {}) // the fault itself tells more
        throw error
      }
      effects.report({ kind: 'fault', fault: error })
      return 'weather'
    }
  }
}

function publishOnce(
  live: Contract,
  given: Pick<LiveOptions, 'project' | 'projectHash' | 'engineHolds'>,
  runner: ModelRunner,
  effects: StageEffects,
): Promise<LiveOutcome> {
  return publishLive(
    {
      ...{ ...given, select: liveSelect, runId: randomUUID(), simulated: live.simulated === true },
      targetFolder: join(effects.scratch.folder, 'live'),
      source: { name: `silver.${live.name}`, columns: silverColumns(live) },
    },
    runner,
    effects,
  )
}

/** Every second's cleaning and building is no news; what goes wrong is. */
function quietly(report: Report): Report {
  return (event) => {
    if (event.kind === 'fault' || event.kind === 'retry') report(event)
  }
}

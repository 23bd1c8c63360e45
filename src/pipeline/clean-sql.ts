import type { Contract } from '#contract'
import { prepareBatch } from './clean-batch.ts'
import { displacedChange, measureChange, prepareChange, quarantineChange, silverChange } from './clean-commit.ts'
import { countLedger, readLedger } from './clean-count.ts'
import type { Judge } from './clean-judge.ts'
import { tallyBatch } from './clean-tally.ts'
import type { CleanEffects } from './clean-work.ts'
import { workSchema } from './clean-work.ts'
import { all } from './in-turn.ts'

/** Judges in the SQL engine, by what the contract compiles to. */
export function sqlJudge(contract: Contract, effects: CleanEffects): Judge {
  return {
    async batch(target, from, standing) {
      const { silver, quarantine, displaced, measure } = standing
      const batch = await prepareBatch(contract, { from, to: target.to }, standing, effects)
      const tallies = await tallyBatch(contract, batch, effects)
      const quarantined = tallies.reduce((sum, each) => sum + (each.rule === '' ? each.quarantined : 0), 0)
      const changes = [
        silverChange(target, silver, batch),
        quarantineChange(target, quarantine, batch, quarantined),
        displacedChange(target, displaced, batch),
        ...(measure === undefined ? [] : [measureChange(target, measure, batch)]),
      ]
      const prepared = await all(changes.map((change) => prepareChange(target, change, batch, effects)))
      const [intoSilver, intoQuarantine, intoDisplaced, intoMeasure] = prepared
      if (intoSilver === undefined || intoQuarantine === undefined || intoDisplaced === undefined)
        throw new TypeError('a change was not prepared')
      return {
        ...{ tallies, topics: batch.topics },
        ...{ silver: intoSilver, quarantine: intoQuarantine, displaced: intoDisplaced, measure: intoMeasure },
      }
    },
    count: (standing) => countLedger(contract, standing, effects),
    ledger: (standing) => readLedger(contract.name, standing, effects),
    // The engine is thrown away anyway.
    end: () => effects.engine.run(`DROP SCHEMA IF EXISTS ${workSchema(contract)} CASCADE`).catch(() => {}),
  }
}

import type { Contract } from '#contract'
import { fingerprint } from '#contract'
import { checkTables, datasets, loadDatasets } from '#datasets'
import type { LakeOptions } from './api.ts'

/** Every dataset that is declared, built-in ones first. */
export async function listDatasets({ datasets: folders }: Pick<LakeOptions, 'datasets'>): Promise<readonly Contract[]> {
  const contracts = [...datasets]
  for (const folder of folders) contracts.push(...(await loadDatasets(folder)))
  checkTables(contracts)
  return contracts
}

export function fingerprints(contracts: readonly Contract[]): readonly string[] {
  return contracts.map((contract) => `${contract.name}:${fingerprint(contract)}`).sort()
}

import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Contract } from '#contract'
import { defineContract, say } from '#contract'
import { Fault } from '#port'

/** What a dataset's file exports by default: the declaration, or a function that is handed the words to write it with (for files outside the checkout). */
export type DatasetModule = Contract | ((words: typeof say) => Contract)

/** Every dataset declared in a folder, by name. One file is one dataset; folders inside it, `index.*` and generated files are none. */
export async function loadDatasets(folder: string): Promise<readonly Contract[]> {
  const files = (await listed(folder)).filter(
    (file) => /\.(?:ts|mts|js|mjs)$/.test(file) && !/^index\.|\.generated\.|\.d\.m?ts$/.test(file),
  )
  const contracts = await Promise.all(files.sort().map((file) => loadDataset(join(folder, file))))
  contracts.sort((a, b) => (a.name < b.name ? -1 : 1))
  checkTables(contracts)
  return contracts
}

async function loadDataset(file: string): Promise<Contract> {
  let declared: DatasetModule | undefined
  try {
    const module = (await import(pathToFileURL(file).href)) as { default?: DatasetModule }
    declared = module.default
  } catch (cause) {
    if (cause instanceof Fault) throw cause
    const message = cause instanceof Error ? cause.message : String(cause)
    throw new Fault('contract/file', `${file} cannot be loaded: ${message}`, {
      mend: 'Mend the file: it is TypeScript or JavaScript whose default export is a contract.',
      cause,
      facts: { file },
    })
  }
  if (declared === undefined || declared === null)
    throw new Fault('contract/file', `${file} exports no dataset.`, {
      mend: 'Let its default export be a contract.',
      facts: { file },
    })
  return defineContract(typeof declared === 'function' ? declared(say) : declared)
}

/** Two datasets may not write one table. Also for contracts of several folders together. */
export function checkTables(contracts: readonly Contract[]): void {
  const taken = new Map<string, string>(reserved.map((table) => [table, 'the platform']))
  for (const contract of contracts) {
    for (const table of [contract.name, contract.measureTable ?? []].flat()) {
      const owner = taken.get(table)
      if (owner !== undefined)
        throw new Fault('contract/table', `${contract.name} and ${owner} both have the table ${table}.`, {
          mend: 'Give one of them another name.',
        })
      taken.set(table, contract.name)
    }
  }
}

/** Tables of Bronze and Silver that no contract declares. */
const reserved = ['file', 'quarantine', 'displaced', 'ledger', 'replay', 'school_place', 'tract_place']

async function listed(folder: string): Promise<string[]> {
  try {
    return await readdir(folder)
  } catch (cause) {
    throw new Fault('contract/folder', `The folder of datasets ${folder} cannot be read.`, {
      mend: 'Check that it is there and may be read.',
      cause,
      facts: { folder },
    })
  }
}

/** The datasets that come with the product. */
export const datasets: readonly Contract[] = await loadDatasets(import.meta.dirname)

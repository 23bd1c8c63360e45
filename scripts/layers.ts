/** Which folder may import which, each by its door. Read from the ground up: this table is the architecture. */
export const mayImport: Readonly<Record<string, readonly string[]>> = {
  port: [],
  api: [],
  contract: ['port'],
  config: ['port'],
  parquet: ['port'],
  geo: ['port'],
  compile: ['port', 'contract'],
  lake: ['port', 'parquet'],
  storage: ['port', 'config'],
  log: ['port', 'config'],
  engine: ['port', 'config'],
  model: ['port', 'config'],
  season: ['port', 'contract'],
  lineage: ['port', 'api', 'contract', 'compile'],
  pipeline: ['port', 'contract', 'compile', 'lake', 'geo', 'parquet'],
  platform: [
    'port',
    'api',
    'contract',
    'config',
    'parquet',
    'geo',
    'compile',
    'lake',
    'storage',
    'log',
    'engine',
    'model',
    'season',
    'lineage',
    'pipeline',
    'datasets',
  ],
  serve: ['port', 'api', 'platform'],
  cli: ['port', 'api', 'config', 'platform', 'serve'],
  datasets: ['contract', 'port'],
}

/** Folders that touch the machine. The others are handed what they need, so that a test can hand them something else. */
export const mayTouchFiles: readonly string[] = [
  'storage',
  'log',
  'engine',
  'model',
  'platform',
  'serve',
  'cli',
  // Its door lists the folder, so that adding a dataset is adding a file.
  'datasets',
]

/** Folders that may look at the environment. */
export const mayReadEnvironment: readonly string[] = ['platform', 'cli']

/** A package has one door, so that replacing it is one file's work. These have more, each with its reason. */
export const doors: Readonly<Record<string, { readonly files: readonly string[]; readonly why: string }>> = {
  yaml: {
    files: ['src/config/yaml.ts', 'src/model/yaml.ts'],
    why: 'fairlead.yaml is YAML 1.2; dbt reads 1.1 with ideas of its own',
  },
}

/** Where a folder of the table lies. */
export function pathOf(folder: string): string {
  return folder === 'datasets' ? 'datasets' : `src/${folder}`
}

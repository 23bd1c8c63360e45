// The rules of `npm run layers`. The table they are made from stands in scripts/layers.ts; each comment says what mends it.
import { globSync } from 'node:fs'
import { dirname } from 'node:path'
import { mayImport, mayTouchFiles, pathOf } from './scripts/layers.ts'

const folders = Object.keys(mayImport)
const anyFolder = folders.map(pathOf).join('|')

const layers = folders.map((folder) => ({
  name: `layer-${folder}`,
  severity: 'error',
  comment: `${pathOf(folder)}/ may import only ${mayImport[folder].join(', ') || 'nothing'}: take what you need as an argument, or move the code up. The table is in scripts/layers.ts.`,
  from: { path: `^${pathOf(folder)}/` },
  to: {
    path: `^(${anyFolder}|src/[^/]+|web|scripts|test|bench|sim)/`,
    pathNot: [folder, ...mayImport[folder]].map((each) => `^${pathOf(each)}/`),
  },
}))

/** Folders inside a folder that have a door of their own. */
const innerDoors = globSync('src/*/*/index.ts')
  .map((door) => dirname(door).replaceAll('\\', '/'))
  .map((folder) => ({
    name: 'inner-door',
    severity: 'error',
    comment: `${folder}/ is entered by its index.ts. If the door lacks the name, list it there.`,
    from: { path: `^${dirname(folder)}/`, pathNot: `^${folder}/` },
    to: { path: `^${folder}/`, pathNot: `^${folder}/index\\.ts$` },
  }))

export default {
  forbidden: [
    ...layers,
    {
      name: 'door',
      severity: 'error',
      comment:
        "Another folder is entered by its door, `#folder`. If the door lacks the name, list it in that folder's index.ts.",
      from: { path: '^(src/[^/]+|datasets)/' },
      to: { path: '^(src/[^/]+|datasets)/', pathNot: ['^$1/', '^(src/[^/]+|datasets)/index\\.ts$'] },
    },
    ...innerDoors,
    {
      name: 'own-door',
      severity: 'error',
      comment: 'Inside its folder a file is imported by `./name.ts`, never through the door: that would be a circle.',
      from: { path: '^(src/[^/]+|datasets)/' },
      to: { path: '^$1/index\\.ts$' },
    },
    {
      name: 'web',
      severity: 'error',
      comment: 'The browser knows only the types of `#api` and speaks HTTP. Put the type in src/api/.',
      from: { path: '^web/' },
      to: { path: '^(src|datasets|scripts|test)/', pathNot: '^src/api/index\\.ts$' },
    },
    {
      name: 'web-types',
      severity: 'error',
      comment: 'Write `import type`: nothing of the server may reach the bundle.',
      from: { path: '^web/' },
      to: { path: '^src/api/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'no-files',
      severity: 'error',
      comment: `Only ${mayTouchFiles.join(', ')} touch the machine: take an ObjectStore, a Scratch or bytes as an argument.`,
      from: {
        path: `^(${folders
          .filter((each) => !mayTouchFiles.includes(each))
          .map(pathOf)
          .join('|')})/`,
      },
      to: {
        dependencyTypes: ['core'],
        path: '^(node:)?(fs|fs/promises|child_process|http|https|net|tls|worker_threads|os)$',
      },
    },
    {
      name: 'no-circular',
      severity: 'error',
      comment: 'Files in a circle cannot be read one by one: move what both need into a file of its own.',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-orphans',
      severity: 'error',
      comment: 'Nothing imports this file and it imports nothing: use it or remove it.',
      from: { orphan: true, path: '^(src|datasets)/', pathNot: '\\.d\\.ts$' },
      to: {},
    },
    {
      name: 'not-to-dev',
      severity: 'error',
      comment:
        'What runs for a person may import only `dependencies`: move the package there, or the code to scripts/.',
      from: { path: '^(src|datasets)/' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'not-to-unresolvable',
      severity: 'error',
      comment: 'There is no such file or package.',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: ['node_modules'] },
    exclude: { path: ['web/dist', '\\.generated\\.'] },
    // Types count: a folder that knows another one's types knows it.
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'node', 'default'],
      extensions: ['.ts', '.tsx', '.mjs', '.js', '.d.ts'],
    },
    moduleSystems: ['es6'],
  },
}

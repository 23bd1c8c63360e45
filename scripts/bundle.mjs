/**
 * Puts the modules of the command line, of its threads and of the built-in datasets together, so that a start reads ten files and not five hundred:
 * `node scripts/bundle.mjs [FOLDER]`, the folder being somewhere in the checkout. `sources.json` says what they were made of: as soon as any of that
 * is no longer what it was, the launcher takes the modules themselves.
 * Plain JavaScript: on a machine for which npm has no Node of its own, an older one runs it.
 */
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'

const root = fileURLToPath(new URL('..', import.meta.url))
const folder = join(root, process.argv[2] ?? 'node_modules/.cache/fairlead-bundle')
const list = join(folder, 'sources.json')
/** From a file of the bundle, all of which lie one folder deep. */
const toRoot = '../'.repeat(relative(root, folder).split(sep).length + 1)
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

const sources = {}
// Which packages are there, and which files a folder of datasets holds, shows in these.
for (const path of ['package.json', 'node_modules/.package-lock.json', 'datasets']) note(path)

rmSync(list, { force: true })
rmSync(folder, { recursive: true, force: true })
const bundle = await rolldown({
  cwd: root,
  platform: 'node',
  input: { 'command/main': 'src/cli/main.ts', ...datasets() },
  // Native code, and what may not be installed.
  external: [
    '@duckdb/node-api',
    '@platformatic/kafka',
    // Finds its WebAssembly beside itself.
    '@polyglot-sql/sdk',
    '@node-rs/crc32',
    ...Object.keys(manifest.optionalDependencies),
  ],
  plugins: [{ name: 'places', load: loadOwn }],
})
await bundle.write({
  dir: folder,
  format: 'esm',
  entryFileNames: '[name].mjs',
  chunkFileNames: 'command/[name]-[hash].mjs',
})
await bundle.close()
writeFileSync(list, JSON.stringify(sources))

/** One entry a dataset: they are found by listing their folder, as those of a person's own are. */
function datasets() {
  const files = readdirSync(join(root, 'datasets')).filter((file) => /^(?!index)[^.]+\.ts$/.test(file))
  return Object.fromEntries(files.map((file) => [`datasets/${basename(file, '.ts')}`, `datasets/${file}`]))
}

/** A module of this checkout, with what it knows of its own place: threads and datasets are in the bundle too, the rest stays where it is. */
function loadOwn(id) {
  const path = relative(root, id).split(sep).join('/')
  if (path.startsWith('..') || path.startsWith('node_modules/') || !path.endsWith('.ts')) return null
  note(path)
  const code = readFileSync(id, 'utf8')
    .replace(/new URL\('\.\/([\w-]+)\.ts', import\.meta\.url\)/g, (_, thread) => {
      const fileName = `command/${thread}.mjs`
      this.emitFile({ type: 'chunk', id: join(dirname(id), `${thread}.ts`), fileName })
      return `new URL('../${fileName}', import.meta['url'])`
    })
    .replace(/import\.meta\.url/g, `new URL('${toRoot}${path}', import.meta['url'])`)
    .replace(
      /import\.meta\.dirname/g,
      `(import.meta['dirname'] + '/${path === 'datasets/index.ts' ? '../datasets' : toRoot + dirname(path)}')`,
    )
  return { code, moduleType: 'ts' }
}

/** Noted before it is read, so that a change in between makes the bundle stale. */
function note(path) {
  const { size, mtimeMs } = statSync(join(root, path))
  sources[path] = [size, mtimeMs]
}

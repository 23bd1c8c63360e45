// Builds the dashboard after `npm ci`, and only then: npm prepares the checkout at each installation, and must not build what stands.
// The bundle of the command line (`scripts/bundle.mjs`) hangs on what is installed, and is made each time.
// Plain JavaScript: on a machine for which npm has no Node of its own, an older one runs it.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const built = join(root, 'web/dist/index.html')
const sources = ['web', 'src/api', 'package-lock.json']
  .map((path) => join(root, path))
  .filter((path) => existsSync(path))

if (existsSync(join(root, 'web/index.html')) && !isFresh()) {
  const { status } = spawnSync('npm run build --silent', { cwd: root, stdio: 'inherit', shell: true })
  // All but the dashboard works without it, and what needs it says so; npm would undo the whole installation.
  if (status !== 0) console.error('fairlead: the dashboard could not be built. Run npm run build to see why.')
}
// Installed without what it is made with, Fairlead starts from its modules, a little later.
if (existsSync(join(root, 'node_modules/rolldown'))) {
  const { status } = spawnSync(process.execPath, [join(root, 'scripts/bundle.mjs')], { cwd: root, stdio: 'inherit' })
  if (status !== 0) console.error('fairlead: its modules could not be bundled; it starts from them, a little later.')
}

function isFresh() {
  if (!existsSync(built)) return false
  const builtMs = statSync(built).mtimeMs
  return sources.every((path) => newestMs(path) <= builtMs)
}

function newestMs(path) {
  const info = statSync(path)
  if (!info.isDirectory()) return info.mtimeMs
  const names = readdirSync(path).filter((name) => name !== 'dist' && name !== 'node_modules')
  return Math.max(0, ...names.map((name) => newestMs(join(path, name))))
}

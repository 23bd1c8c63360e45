/**
 * Is the simulator blind? Takes one safeguard after the other out of a copy of the tree, and runs seeds there until one is broken: `node scripts/mutate.ts [NAME…]`.
 * Exit code 1 where a copy without a safeguard passes, or is told broken by another check than the one that is for it.
 */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

interface Mutation {
  readonly name: string
  readonly file: string
  /** Stands there once. */
  readonly from: string
  readonly to: string
  /** Checks of the simulator that may be the first to see it, or the name of a test. */
  readonly checks: readonly string[]
  /** The file of that test: seeds meet it too rarely to be waited for. */
  readonly test?: string
}

const mutations: readonly Mutation[] = [
  {
    name: 'compare-and-set',
    file: 'src/pipeline/stream/commit-batch.ts',
    from: '      if (fenced.length > 0) return undefined\n',
    to: '',
    checks: ['once', 'txn'],
  },
  {
    name: 'self-commit',
    file: 'src/lake/commit.ts',
    from: "if (standing && txnIdOf(standing, path) !== txnId) return 'lost'",
    to: "if (standing) return txnIdOf(standing, path) === '' ? 'won' : 'lost'",
    checks: ['readable'],
  },
  {
    name: 'put-if-absent, on a disk',
    file: 'src/storage/local.ts',
    from: 'await disk.link(from, to)',
    to: 'await disk.rename(from, to)',
    checks: ['put-if-absent'],
  },
  {
    name: 'put-if-absent, in a bucket',
    file: 'src/storage/memory.ts',
    from: "      if (objects.has(path)) return 'exists'\n",
    to: '',
    checks: ['put-if-absent'],
  },
  {
    name: 'fsync of a file',
    file: 'src/storage/local.ts',
    from: '      await file.sync()\n',
    to: '',
    checks: ['durable', 'readable'],
  },
  {
    name: 'fsync of a folder',
    file: 'src/storage/local.ts',
    from: '    await disk.syncFolder(dirname(target))\n',
    to: '',
    checks: ['durable', 'readable'],
  },
  {
    name: 'a commit counts once it was answered',
    file: 'src/lake/commit.ts',
    from: "    if (standing && failure === undefined) return 'won'\n",
    to: "    if (standing) return 'won'\n",
    checks: ['a commit whose call failed after it was made counts only once it is synced'],
    test: 'test/lake/commit.test.ts',
  },
  {
    name: 'fsync of the folders above',
    file: 'src/storage/local.ts',
    from: '    await makeLast(dirname(target))\n',
    to: '',
    checks: ['what is written into a folder that another process made survives'],
    test: 'test/storage/local.test.ts',
  },
  {
    name: 'quarantine first',
    file: 'src/pipeline/clean.ts',
    from: "  failpoint('clean/before-quarantine')\n",
    to: "  if (!(await commit(silver, 'clean/after-silver'))) return undefined\n",
    checks: ['one place', 'conservation'],
  },
  {
    name: 'stale assignment',
    file: 'src/pipeline/stream/land-partitions.ts',
    from: 'if (change.isDue() || membership?.assigned().generation !== assignment?.generation) await reassign()',
    to: 'if (change.isDue()) await reassign()',
    checks: ['assignment'],
  },
  {
    name: 'stale read',
    file: 'src/pipeline/stream/land-partitions.ts',
    from: 'if (position?.next !== from) return',
    to: 'if (position === undefined) return',
    checks: ['once', 'order', 'txn'],
  },
  {
    name: 'answers from before what was asked',
    file: 'src/pipeline/stream/batch.ts',
    from: '      if (offset < least || block.partition !== partition) throw strayed(topic, partition, least, offset)\n',
    to: '',
    checks: ['once'],
  },
]

const mostSeeds = 3_000
const mostMs = 900_000
const root = join(import.meta.dirname, '..')
const wanted = process.argv.slice(2)
const copy = mkdtempSync(join(tmpdir(), 'fairlead-mutate-'))

function runWith({ file, from, to, test }: Mutation): string {
  const path = join(copy, file)
  const text = readFileSync(path, 'utf8')
  if (text.split(from).length !== 2) return `the safeguard is not in ${file} once: the mutation has to be written anew`
  writeFileSync(
    path,
    text.replace(from, () => to),
  )
  try {
    const argv = test === undefined ? ['sim/main.ts', '--seeds', String(mostSeeds), '--until-broken'] : ['--test', test]
    const { stdout, stderr } = spawnSync(process.execPath, argv, { cwd: copy, encoding: 'utf8', timeout: mostMs })
    return /^(?:BROKEN|✖) .*$/m.exec(stdout)?.[0] ?? `not seen by ${mostSeeds} seeds ${stderr}`
  } finally {
    writeFileSync(path, text)
  }
}

try {
  for (const folder of ['src', 'sim', 'test', 'datasets', 'package.json'])
    cpSync(join(root, folder), join(copy, folder), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
  for (const mutation of mutations) {
    if (wanted.length > 0 && !wanted.includes(mutation.name)) continue
    const said = runWith(mutation)
    const isSeen = mutation.checks.some((check) => said.includes(mutation.test === undefined ? `, ${check}: ` : check))
    console.log(`${isSeen ? 'seen' : 'BLIND'}  ${mutation.name}: ${said.slice(0, 300)}`)
    if (!isSeen) process.exitCode = 1
  }
} finally {
  rmSync(copy, { recursive: true, force: true })
}

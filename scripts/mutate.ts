/**
 * Is the simulator blind? Takes one safeguard after the other out of a copy of the tree, and runs seeds there until one is broken: `node scripts/mutate.ts [NAME…]`.
 * Exit code 1 where a copy without a safeguard passes, or is not told broken by the check that is for it; and, all of them run, where a check was broken by none.
 */
import { execFile } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Check } from '../sim/checks.ts'
import { checks } from '../sim/checks.ts'

interface Mutation {
  readonly name: string
  readonly file: string
  /** Stands there once. */
  readonly from: string
  readonly to: string
  /** The check of the simulator that sees it, or the test where seeds meet it too rarely to be waited for. */
  readonly seenBy: Check | { readonly test: string; readonly file: string }
}

const mutations: readonly Mutation[] = [
  {
    name: 'compare-and-set',
    file: 'src/pipeline/stream/commit-batch.ts',
    from: '      if (fenced.length > 0) return undefined\n',
    to: '',
    seenBy: 'txn',
  },
  {
    name: 'self-commit',
    file: 'src/lake/commit.ts',
    from: "if (standing && txnIdOf(standing, path) !== txnId) return 'lost'",
    to: "if (standing) return txnIdOf(standing, path) === '' ? 'won' : 'lost'",
    seenBy: 'readable',
  },
  {
    name: 'put-if-absent, on a disk',
    file: 'src/storage/local.ts',
    from: 'await disk.link(from, to)',
    to: 'await disk.rename(from, to)',
    seenBy: 'put-if-absent',
  },
  {
    name: 'put-if-absent, in a bucket',
    file: 'src/storage/memory.ts',
    from: "      if (objects.has(path)) return 'exists'\n",
    to: '',
    seenBy: 'put-if-absent',
  },
  {
    name: 'fsync of a file',
    file: 'src/storage/local.ts',
    from: '      await file.sync()\n',
    to: '',
    seenBy: 'durable',
  },
  {
    name: 'fsync of a folder',
    file: 'src/storage/local.ts',
    from: '    await disk.syncFolder(dirname(target))\n',
    to: '',
    seenBy: 'durable',
  },
  {
    name: 'a commit counts once it was answered',
    file: 'src/lake/commit.ts',
    from: "    if (standing && failure === undefined) return 'won'\n",
    to: "    if (standing) return 'won'\n",
    seenBy: {
      test: 'a commit whose call failed after it was made counts only once it is synced',
      file: 'test/lake/commit.test.ts',
    },
  },
  {
    name: 'fsync of the folders above',
    file: 'src/storage/local.ts',
    from: '    await makeLast(dirname(target))\n',
    to: '',
    seenBy: {
      test: 'what is written into a folder that another process made survives',
      file: 'test/storage/local.test.ts',
    },
  },
  {
    name: 'quarantine first',
    file: 'src/pipeline/clean.ts',
    from: "  failpoint('clean/before-quarantine')\n",
    to: "  if (!(await commit(silver, 'clean/after-silver'))) return undefined\n",
    seenBy: 'conservation',
  },
  {
    name: 'stale assignment',
    file: 'src/pipeline/stream/land-partitions.ts',
    from: 'if (change.isDue() || membership?.assigned().generation !== assignment?.generation) await reassign()',
    to: 'if (change.isDue()) await reassign()',
    seenBy: 'assignment',
  },
  {
    name: 'stale read',
    file: 'src/pipeline/stream/land-partitions.ts',
    from: 'if (position?.next !== from) return',
    to: 'if (position === undefined) return',
    seenBy: 'once',
  },
  {
    name: 'answers from before what was asked',
    file: 'src/pipeline/stream/batch.ts',
    from: '      if (offset < least || block.partition !== partition) throw strayed(topic, partition, least, offset)\n',
    to: '',
    seenBy: 'once',
  },
  {
    name: 'a gap has to be allowed',
    file: 'src/pipeline/stream/position.ts',
    from: "  if (allowed.has('gap')) return start\n",
    to: '  if (start > standing) return start\n',
    seenBy: 'order',
  },
  {
    name: 'the epoch of what was read',
    file: 'src/pipeline/stream/land-partitions.ts',
    from: '        ...(epoch === undefined ? {} : { afterEpoch: epoch }),\n',
    to: '',
    seenBy: 'history',
  },
  {
    name: 'a batch is computed from what stands',
    file: 'src/pipeline/clean-commit.ts',
    from: 'moved = now.mark !== standing.mark || remove.some(',
    to: 'moved = remove.some(',
    seenBy: 'one place',
  },
  {
    name: 'a batch is added to the ledger of the batch before',
    file: 'src/pipeline/clean.ts',
    from: ' || !ledgerIsAt(standing, contract.name, from)',
    to: '',
    seenBy: 'ledger',
  },
  {
    name: 'transactions in a checkpoint',
    file: 'src/lake/checkpoint.ts',
    from: 'of state.txns.values()) {\n',
    to: 'of state.txns.values().slice(1)) {\n',
    seenBy: 'log',
  },
  {
    name: 'the log goes back for its retention',
    file: 'src/pipeline/maintain/clean-log.ts',
    from: 'const cutMs = startedMs - (retainMs ?? logRetentionMs(snapshot.configuration))',
    to: 'const cutMs = startedMs - (retainMs ?? 0)',
    seenBy: 'readable',
  },
  {
    name: 'a checkpoint that was written late goes with what is around it',
    file: 'src/pipeline/maintain/clean-log.ts',
    from: 'files.filter(({ version }) => version < base.version)',
    to: 'files.filter(({ version, path }) => version < base.version && aged.has(path))',
    seenBy: {
      test: 'a log in which one checkpoint was written late is cleaned without a hole',
      file: 'test/pipeline/vacuum.test.ts',
    },
  },
  {
    name: 'removed files stay for their retention',
    file: 'src/pipeline/maintain/vacuum.ts',
    from: 'const cutMs = effects.nowMs() - retainMs\n',
    to: 'const cutMs = effects.nowMs()\n',
    seenBy: 'readable',
  },
  {
    name: 'the next version is the one after what was looked at',
    file: 'src/lake/open.ts',
    from: 'const version = (base?.snapshot.version ?? -1) + 1\n',
    to: 'const version = (base?.snapshot.version ?? -1) + attempt\n',
    seenBy: 'contiguous',
  },
  {
    name: 'who waits for records hears that it is to stop',
    file: 'src/pipeline/stream/land-partitions.ts',
    from: "  signal.addEventListener('abort', ring, { once: true })\n",
    to: '',
    seenBy: 'liveness',
  },
  {
    name: 'a busy disk is waited for',
    file: 'src/storage/errno.ts',
    from: '        retry: true,\n',
    to: '',
    seenBy: 'no surprise',
  },
]

const mostSeeds = 3_000
const mostMs = 900_000
const root = join(import.meta.dirname, '..')
const wanted = process.argv.slice(2)
const run = promisify(execFile)
const broken = new Set<Check>()

/** A copy of the tree that may be mutated. */
function copyTree(): string {
  const copy = mkdtempSync(join(tmpdir(), 'fairlead-mutate-'))
  for (const folder of ['src', 'sim', 'test', 'datasets', 'package.json'])
    cpSync(join(root, folder), join(copy, folder), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
  return copy
}

/** What sees it says, in a line; undefined where nothing does. */
async function told({ seenBy }: Mutation, copy: string): Promise<string | undefined> {
  const sim = ['sim/main.ts', '--seeds', String(mostSeeds), '--threads', '1', '--until', String(seenBy)]
  const argv = typeof seenBy === 'string' ? sim : ['--test', seenBy.file]
  const options = { cwd: copy, timeout: mostMs, maxBuffer: 64 << 20 }
  // An exit code of 1 is what is hoped for.
  const { stdout } = await run(process.execPath, argv, options).catch((error: { stdout: string }) => error)
  const isIt = (line: string): boolean =>
    typeof seenBy === 'string'
      ? line.startsWith('BROKEN') && line.includes(`, ${seenBy}: `)
      : line.startsWith('✖') && line.includes(seenBy.test)
  return stdout.split('\n').find(isIt)
}

async function tryOut(mutation: Mutation, copy: string): Promise<void> {
  const { name, file, from, to, seenBy } = mutation
  const path = join(copy, file)
  const text = readFileSync(path, 'utf8')
  if (text.split(from).length !== 2)
    throw new Error(`${name}: the safeguard is not in ${file} once, and has to be looked for anew`)
  writeFileSync(
    path,
    text.replace(from, () => to),
  )
  const said = await told(mutation, copy)
  writeFileSync(path, text)
  if (said === undefined) process.exitCode = 1
  else if (typeof seenBy === 'string') broken.add(seenBy)
  const what = typeof seenBy === 'string' ? seenBy : seenBy.test
  console.log(said === undefined ? `BLIND  ${name}: ${what} does not see it` : `seen   ${name}: ${said.slice(0, 240)}`)
}

const left = mutations.filter(({ name }) => wanted.length === 0 || wanted.includes(name))
async function tryInTurn(): Promise<void> {
  const copy = copyTree()
  try {
    for (let next = left.shift(); next !== undefined; next = left.shift()) await tryOut(next, copy)
  } finally {
    rmSync(copy, { recursive: true, force: true })
  }
}

await Promise.all(Array.from({ length: availableParallelism() }, tryInTurn))
const untried = wanted.length > 0 ? [] : checks.filter((check) => !broken.has(check))
if (untried.length > 0) {
  console.log(`BLIND  no mutation breaks: ${untried.join(', ')}`)
  process.exitCode = 1
}

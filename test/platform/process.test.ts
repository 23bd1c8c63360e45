import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import type { PlatformEvent } from '#port'
import { Fault } from '#port'
import { inProcess } from '../../src/platform/process.ts'

const folder = mkdtempSync(join(tmpdir(), 'fairlead-process-'))
after(() => rmSync(folder, { recursive: true, force: true }))

const own = (path: string): string => JSON.stringify(new URL(`../../src/${path}`, import.meta.url).href)

/** A file whose process does `work`. */
function fileOf(name: string, work: string): URL {
  const file = join(folder, `${name}.mjs`)
  writeFileSync(
    file,
    `import { asProcess } from ${own('platform/process.ts')}
import { Fault } from ${own('port/fault.ts')}
await asProcess(async (request, { report, signal }) => { ${work} })`,
  )
  return pathToFileURL(file)
}

const effects = { report: () => {}, signal: new AbortController().signal }
const isFault = (code: string) => (error: unknown) => error instanceof Fault && error.code === code

test('work in a process of its own answers, and its events and faults are heard as if it were done here', async () => {
  const events: PlatformEvent[] = []
  const report = (event: PlatformEvent): void => void events.push(event)
  const fault = "new Fault('engine/query', 'No.', { mend: 'Ask otherwise.', facts: { at: 3 } })"
  const doubled = fileOf('doubled', `report({ kind: 'fault', fault: ${fault} }); return request.map((n) => 2n * n)`)
  assert.deepEqual(await inProcess(doubled, [1n, 2n], { ...effects, report }), [2n, 4n])
  assert.ok(events[0]?.kind === 'fault' && events[0].fault instanceof Fault)
  await assert.rejects(inProcess(fileOf('refused', `throw ${fault}`), [], effects), (error) => {
    assert.ok(error instanceof Fault)
    assert.deepEqual(error.toJSON(), {
      ...{ code: 'engine/query', what: 'No.', mend: 'Ask otherwise.', retry: false },
      facts: { at: 3 },
    })
    return true
  })
})

test('a process that is stopped, killed, or ends by a bug says which', async () => {
  const stop = new AbortController()
  const waits = fileOf(
    'waits',
    "report({ kind: 'warning', message: '' }); await new Promise((end) => setTimeout(end, 30_000))",
  )
  const report = () => stop.abort()
  await assert.rejects(inProcess(waits, [], { report, signal: stop.signal }), isFault('machine/stopped'))
  const killed = fileOf('killed', "process.kill(process.pid, 'SIGKILL'); await new Promise(() => {})")
  await assert.rejects(
    inProcess(killed, [], effects),
    (error) => isFault('machine/killed')(error) && (error as Fault).retry,
  )
  const ends = fileOf('ends', 'process.exit(3)')
  const aborts = fileOf('aborts', 'process.abort()')
  for (const [file, by] of [
    [ends, /by code 3/],
    [aborts, /by SIGABRT/],
  ] as const)
    await assert.rejects(inProcess(file, [], effects), (error) => {
      assert.ok(error instanceof Error && !(error instanceof Fault))
      assert.match(error.message, by)
      return true
    })
})

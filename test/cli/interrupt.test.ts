import assert from 'node:assert/strict'
import { test } from 'node:test'
import { watchInterrupts } from '../../src/cli/interrupt.ts'

function watched() {
  const exits: number[] = []
  const lines: string[] = []
  const listeners = new Map<string, () => void>()
  let now = 0
  const interrupts = watchInterrupts({
    on: (signal, listener) => listeners.set(signal, listener),
    nowMs: () => now,
    exit: (code) => exits.push(code),
    say: (line) => lines.push(line),
  })
  const press = (signal = 'SIGINT', afterMs = 1000) => {
    now += afterMs
    listeners.get(signal)?.()
  }
  return { interrupts, exits, lines, press }
}

test('the first Ctrl-C asks for a clean stop, the second leaves at once', () => {
  const { interrupts, exits, lines, press } = watched()
  assert.equal(interrupts.signal.aborted, false)
  press()
  assert.equal(interrupts.signal.aborted, true)
  assert.equal(interrupts.exitCode(), 130)
  assert.match(lines[0] ?? '', /Ctrl-C again stops at once/)
  assert.deepEqual(exits, [])
  press()
  assert.deepEqual(exits, [130])
})

test('one press that arrives twice, from the terminal and from npm, counts once', () => {
  const { interrupts, exits, lines, press } = watched()
  press()
  press('SIGINT', 5)
  assert.deepEqual(exits, [])
  assert.equal(lines.length, 1)
  assert.equal(interrupts.signal.aborted, true)
})

test('a TERM signal stops cleanly too, with its own exit code', () => {
  const { interrupts, press } = watched()
  press('SIGTERM')
  assert.equal(interrupts.exitCode(), 143)
})

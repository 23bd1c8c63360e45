import assert from 'node:assert/strict'
import { inspect } from 'node:util'
import type { ObjectStore } from '#port'
import { Fault } from '#port'
import type { Handle } from './loopback.ts'

/** A service that says back whatever it was told, with the status that it is told. */
export function echoing(statusOf: () => number): Handle {
  return (request, body, response) => {
    const said = `${request.url} ${JSON.stringify(request.headers)} ${body.toString('latin1')}`
    response.writeHead(statusOf(), {
      'content-type': 'application/xml',
      'x-echo': encodeURIComponent(said).slice(0, 2000),
    })
    response.end(`<Error><Code>${said}</Code><Message>${said}</Message></Error>{"error":{"message":"${said}"}}`)
  }
}

/** Every call of the port becomes a fault, and none of them shows a secret anywhere, causes and stacks included. */
export async function assertKeepsSecrets(store: ObjectStore, secrets: readonly string[]): Promise<void> {
  const calls: readonly (() => Promise<unknown>)[] = [
    () => store.read('a'),
    () => store.readRange('a', 0, 2),
    () => Array.fromAsync(store.list('')),
    () => store.create('a', new Uint8Array([1])),
    () => store.replace('a', new Uint8Array([1])),
    () => store.remove('a'),
  ]
  for (const call of calls) {
    const error = await call().then(
      () => undefined,
      (reason: unknown) => reason,
    )
    assert.ok(error instanceof Fault, inspect(error))
    assertNoSecret(error, secrets)
  }
}

export function assertNoSecret(error: unknown, secrets: readonly string[]): void {
  const shown = `${inspect(error, { depth: 20, showHidden: true })} ${JSON.stringify(error)}`
  for (const secret of secrets) assert.ok(!shown.includes(secret), `${secret} is shown in ${shown}`)
}

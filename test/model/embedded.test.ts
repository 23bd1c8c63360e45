import { randomUUID } from 'node:crypto'
import { embeddedRunner } from '#model'
import { testModelRunner } from './conformance.ts'

testModelRunner('the embedded runner', () => embeddedRunner({ report: () => {}, nowMs: Date.now, newId: randomUUID }))

testModelRunner('the embedded runner, four nodes at once', () =>
  embeddedRunner({ report: () => {}, nowMs: Date.now, newId: randomUUID, threads: 4 }),
)

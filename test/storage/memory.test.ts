import { memoryStore } from '#storage'
import { testObjectStore } from './conformance.ts'

testObjectStore('memory', async () => ({ store: memoryStore() }))

import { gcsStore } from '#storage'
import { testObjectStore } from './conformance.ts'
import { testMishaps } from './fault-proxy-suite.ts'
import { gcsServer } from './gcs-server.ts'

const options = { bucket: 'a-bucket', prefix: 'lakes/one', timeoutMs: 5000 }

testObjectStore('gcs', async () => {
  const server = await gcsServer(options.bucket)
  return { store: gcsStore({ ...options, endpoint: server.url }), remove: server.close }
})

testMishaps('gcs, in weather', async () => {
  const server = await gcsServer(options.bucket, 100)
  return {
    ...server,
    storeAt: (endpoint, timeoutMs) => gcsStore({ ...options, endpoint, timeoutMs }),
  }
})

import { s3Store } from '#storage'
import { testObjectStore } from './conformance.ts'
import { testMishaps } from './fault-proxy-suite.ts'
import { s3Server } from './s3-server.ts'

const options = { bucket: 'a-bucket', prefix: 'lakes/one', timeoutMs: 5000, region: 'us-east-1' }
process.env.AWS_ACCESS_KEY_ID = 'AKIAEXAMPLE'
process.env.AWS_SECRET_ACCESS_KEY = 'the-secret-key'

testObjectStore('s3', async () => {
  const server = await s3Server(options.bucket)
  return { store: s3Store({ ...options, pathStyle: true, endpoint: server.url }), remove: server.close }
})

testMishaps('s3, in weather', async () => {
  const server = await s3Server(options.bucket, { pageObjects: 100 })
  return {
    ...server,
    storeAt: (endpoint, timeoutMs) =>
      s3Store({ ...options, pathStyle: true, endpoint, timeoutMs }, { sleep: async () => {} }),
  }
})

/**
 * A topic into Bronze and Silver by `fairlead stream consume --once` in this process: `node bench/draining.ts BROKERS TOPIC LAKE`, its messages as
 * `datasets/sensor_event.ts` declares them. Prints a line of JSON: records that are rows of Silver, CPU seconds, most memory.
 */
import { join } from 'node:path'

const [address = '', topic = '', lake = ''] = process.argv.slice(2)
Object.assign(process.env, {
  FAIRLEAD_LAKE: lake,
  FAIRLEAD_DATASETS: join(import.meta.dirname, 'datasets'),
  FAIRLEAD_KAFKA_BROKERS: address,
  FAIRLEAD_BENCH_TOPIC: topic,
})
let printed = ''
const { stdout } = process
const write = stdout.write.bind(stdout)
stdout.write = (text: string | Uint8Array, ...rest: never[]): boolean => {
  printed += String(text)
  return write(text, ...rest)
}
process.once('exit', () => {
  const { landed, silver } = JSON.parse(printed).datasets.sensor_event
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage()
  const n = landed === silver ? silver : 0
  write(`${JSON.stringify({ n, cpu: (userCPUTime + systemCPUTime) / 1e6, rssMb: maxRSS / 1024 })}\n`)
})
process.argv.splice(2, Number.POSITIVE_INFINITY, 'stream', 'consume', '--once', '--json')
await import(new URL('../bin/fairlead.mjs', import.meta.url).href)

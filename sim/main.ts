import { runSeed } from './seed.ts'

const [from = '1', n = '1'] = process.argv.slice(2)
const t = performance.now()
const kinds = new Map<string, number[]>()
for (let seed = Number(from); seed < Number(from) + Number(n); seed += 1) {
  const t0 = performance.now()
  const o = await runSeed(seed)
  if (Number(n) <= 20)
    console.log(seed, o.broken ?? 'ok', o.turns, o.landed, Math.round(performance.now() - t0), JSON.stringify(o.counts))
  if (o.broken) {
    const l = kinds.get(o.broken.check + ' ' + o.broken.what.slice(0, 200)) ?? []
    l.push(seed)
    kinds.set(o.broken.check + ' ' + o.broken.what.slice(0, 200), l)
  }
}
for (const [k, v] of kinds) console.log(v.length, v.slice(0, 5).join(','), k)
console.log((performance.now() - t) / Number(n), 'ms a seed')

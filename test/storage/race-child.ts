// One of several processes that create the same objects at the same time. Prints the rounds it won.
import { localStore } from '#storage'

const [folder = '', writer = '', rounds = '0'] = process.argv.slice(2)
const store = localStore(folder)
const won: number[] = []
const torn: number[] = []
for (let round = 0; round < Number(rounds); round += 1) {
  const body = new TextEncoder().encode(writer.repeat(20_000))
  const outcome = await store.create(`log/${String(round).padStart(6, '0')}`, body)
  if (outcome === 'created') won.push(round)
  else {
    const seen = await store.read(`log/${String(round).padStart(6, '0')}`)
    if (seen?.length !== body.length || new Set(seen).size !== 1) torn.push(round)
  }
}
process.stdout.write(JSON.stringify({ writer, won, torn }))

// One of several processes that race on a disk.
import { localStore } from '#storage'
import { race } from './race.ts'

const [folder = '', writer = '', rounds = '0', base = '0'] = process.argv.slice(2)
await race(localStore(folder), writer, Number(rounds), Number(base))

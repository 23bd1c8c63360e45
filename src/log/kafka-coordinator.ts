import type { Broker, KafkaClient } from './kafka-client.ts'
import { throughWeather } from './kafka-client.ts'
import type { Asked } from './kafka-fault.ts'
import { protocolFault } from './kafka-fault.ts'
import type { Connection } from './kafka-library.ts'

export interface KafkaCoordinators {
  /** A connection of its own to the broker that keeps the group or the transactions of this name. It may move: who is told so asks for it again. */
  coordinator(kind: 'group' | 'transaction', name: string, purpose: string, asked: Asked): Promise<Connection>
}

const kinds = { group: 0, transaction: 1 } as const

export function kafkaCoordinators(client: KafkaClient): KafkaCoordinators {
  async function find(kind: keyof typeof kinds, name: string, asked: Asked): Promise<Broker> {
    const connection = await client.connectAny(asked)
    const answer = await client.ask(connection, client.api.findCoordinator, asked, kinds[kind], [name])
    const [found] = answer.coordinators
    if (found === undefined) throw protocolFault('COORDINATOR_NOT_AVAILABLE', asked)
    return { host: found.host, port: found.port }
  }
  return {
    coordinator: (kind, name, purpose, asked) =>
      throughWeather(async () => client.connect(await find(kind, name, asked), purpose, asked)),
  }
}

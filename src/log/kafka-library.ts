import type { API, Connection, ConnectionOptions, Reader } from '@platformatic/kafka'
import type { BatchTools } from './kafka-batch.ts'

export type { API, Connection, ConnectionOptions }

export type KafkaModule = typeof import('@platformatic/kafka')

/** All that is used of the client library: connections with TLS and SASL, the messages of the protocol, checksums and codecs. */
export interface KafkaLibrary {
  readonly module: KafkaModule
  readonly tools: BatchTools
}

export interface BatchToProduce {
  readonly transactionalId: string | undefined
  readonly topic: string
  readonly partition: number
  readonly batch: Buffer
}

const allReplicas = -1
const produceTimeoutMs = 20_000

/** transactional_id acks timeout_ms [name [index records TAGS] TAGS] TAGS */
function produceRequest({ Writer }: KafkaModule) {
  return ({ transactionalId, topic, partition, batch }: BatchToProduce) =>
    Writer.create()
      .appendString(transactionalId)
      .appendInt16(allReplicas)
      .appendInt32(produceTimeoutMs)
      .appendArray([topic], (writer, name) => {
        writer.appendString(name).appendArray([partition], (inner, index) => {
          inner
            .appendInt32(index)
            .appendUnsignedVarInt(batch.length + 1)
            .append(batch)
        })
      })
      .appendTaggedFields()
}

function bytesOf(_id: number, _key: number, _version: number, reader: Reader): Buffer {
  return reader.buffer.subarray(reader.position).buffer
}

/** The versions of messages that are spoken, which brokers from 3.5 on know. */
export const spoken = (kafka: KafkaModule) => ({
  apiVersions: kafka.apiVersionsV3.api,
  metadata: kafka.metadataV12.api,
  createTopics: kafka.createTopicsV7.api,
  deleteTopics: kafka.deleteTopicsV6.api,
  listOffsets: kafka.listOffsetsV7.api,
  /** The answer as it came, in one piece: it is read where it lies. */
  fetch: kafka.createAPI<Parameters<KafkaModule['fetchV13']['createRequest']>, Buffer>(
    ...[kafka.fetchV13.api.key, kafka.fetchV13.api.version, kafka.fetchV13.createRequest, bytesOf],
  ),
  findCoordinator: kafka.findCoordinatorV4.api,
  initProducerId: kafka.initProducerIdV4.api,
  addPartitionsToTxn: kafka.addPartitionsToTxnV3.api,
  /** With batches that are made already: those that the library makes have no two headers of one name. */
  produce: kafka.createAPI<[BatchToProduce], ReturnType<KafkaModule['produceV9']['parseResponse']>>(
    ...[kafka.produceV9.api.key, kafka.produceV9.api.version, produceRequest(kafka), kafka.produceV9.parseResponse],
  ),
  endTxn: kafka.endTxnV3.api,
  joinGroup: kafka.joinGroupV7.api,
  syncGroup: kafka.syncGroupV5.api,
  heartbeat: kafka.heartbeatV4.api,
  leaveGroup: kafka.leaveGroupV5.api,
  offsetCommit: kafka.offsetCommitV8.api,
})

let loaded: Promise<KafkaLibrary> | undefined

/** Loaded by the first log that needs it. */
export function loadKafka(): Promise<KafkaLibrary> {
  loaded ??= load()
  return loaded
}

async function load(): Promise<KafkaLibrary> {
  const module = await import('@platformatic/kafka')
  // The library's own way to the same native code copies the bytes first, which costs more than the checksum.
  const native = await import('@node-rs/crc32').then(
    ({ crc32c }) => crc32c,
    () => undefined,
  )
  const decompress = (codec: number, bytes: Buffer): Uint8Array => {
    const algorithm = module.compressionsAlgorithmsByBitmask[codec as 0 | 1 | 2 | 3 | 4]
    if (algorithm === undefined) throw new Error(`codec ${codec} is none of Kafka’s`)
    return algorithm.decompressSync(bytes)
  }
  return {
    module,
    tools: {
      crc32c: native ?? ((bytes) => module.crc32c(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length))),
      decompress,
    },
  }
}

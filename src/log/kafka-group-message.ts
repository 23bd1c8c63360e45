/**
 * What members of a group tell each other through the broker, as every Kafka client writes it (version 0 of both):
 *   subscription: version [topic] user_data      assignment: version [topic [partition]] user_data
 */
const noUserData = -1

export function encodeSubscription(topic: string): Buffer {
  const name = Buffer.from(topic)
  const bytes = Buffer.alloc(12 + name.length)
  bytes.writeInt32BE(1, 2)
  bytes.writeInt16BE(name.length, 6)
  bytes.set(name, 8)
  bytes.writeInt32BE(noUserData, 8 + name.length)
  return bytes
}

export function encodeAssignment(topic: string, partitions: readonly number[]): Buffer {
  const name = Buffer.from(topic)
  const bytes = Buffer.alloc(16 + name.length + partitions.length * 4)
  bytes.writeInt32BE(1, 2)
  bytes.writeInt16BE(name.length, 6)
  bytes.set(name, 8)
  let at = bytes.writeInt32BE(partitions.length, 8 + name.length)
  for (const partition of partitions) at = bytes.writeInt32BE(partition, at)
  bytes.writeInt32BE(noUserData, at)
  return bytes
}

/** The topic's partitions; none where the assignment says nothing, or cannot be read. */
export function decodeAssignment(bytes: Buffer, topic: string): readonly number[] {
  try {
    let at = 2
    const int32 = (): number => {
      at += 4
      return bytes.readInt32BE(at - 4)
    }
    const partitions: number[] = []
    for (let topics = int32(); topics > 0; topics -= 1) {
      const length = bytes.readInt16BE(at)
      const name = bytes.toString('utf8', at + 2, at + 2 + length)
      at += 2 + length
      for (let left = int32(); left > 0; left -= 1) {
        const partition = int32()
        if (name === topic) partitions.push(partition)
      }
    }
    return partitions.sort((a, b) => a - b)
  } catch {
    return []
  }
}

/** Each member's part: neighbours together, the first ones one more where it does not come out even. */
export function shareOut(partitions: number, members: readonly string[]): ReadonlyMap<string, readonly number[]> {
  const sorted = [...members].sort()
  const share = Math.floor(partitions / sorted.length)
  const over = partitions % sorted.length
  return new Map(
    sorted.map((member, i) => {
      const first = i * share + Math.min(i, over)
      const size = share + (i < over ? 1 : 0)
      return [member, Array.from({ length: size }, (_, k) => first + k)]
    }),
  )
}

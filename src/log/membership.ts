import type { Membership, Topic } from '#port'

/** All partitions, for good: of a log that shares nothing out. */
export function wholeTopic({ partitions }: Topic): Membership {
  const all = { generation: 0, partitions: Array.from({ length: partitions }, (_, partition) => partition) }
  return { assigned: () => all, leave: async () => {} }
}

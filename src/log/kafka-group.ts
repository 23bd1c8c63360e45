import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Assignment, Membership, Report, Topic } from '#port'
import { Fault } from '#port'
import type { KafkaClient } from './kafka-client.ts'
import { throughWeather } from './kafka-client.ts'
import { kafkaCoordinators } from './kafka-coordinator.ts'
import { errorOf } from './kafka-fault.ts'
import { decodeAssignment, encodeAssignment, encodeSubscription, shareOut } from './kafka-group-message.ts'
import type { Connection } from './kafka-library.ts'
import type { KafkaTopics } from './kafka-topics.ts'

export interface KafkaGroups {
  join(topic: Topic, consumer: string, changing: () => Promise<void>): Promise<Membership>
  /** For lag tools. What goes wrong is reported and stops nothing. */
  noteConsumed(topic: Topic, consumer: string, next: ReadonlyMap<number, number>): Promise<void>
}

const longestHeartbeatMs = 500
/** Within it every member must have let go and come back. */
const rebalanceTimeoutMs = 20_000
/** Of it, what the members' own letting go may take. */
const changingMs = 15_000
const lookAtPartitionsMs = 30_000
const protocolType = 'consumer'
const protocol = 'range'

interface Member {
  memberId: string
  generation: number
}

/** Groups of the classic protocol, which all brokers speak; they say which partitions are whose, and no more. */
export function kafkaGroups(client: KafkaClient, topics: KafkaTopics, report: Report): KafkaGroups {
  const { api, asked } = client
  const { sessionMs } = client.options
  const heartbeatMs = Math.min(longestHeartbeatMs, sessionMs / 4)
  const { coordinator } = kafkaCoordinators(client)
  /** Of this process, by group. */
  const members = new Map<string, Member>()
  let line = 0
  const told = new Set<string>()

  function join(topic: Topic, consumer: string, changing: () => Promise<void>): Promise<Membership> {
    const group = groupId(topic, consumer)
    const as = asked(`sharing ${topic.name} with group ${group}`, { topic: topic.name, group })
    const member: Member = { memberId: '', generation: -1 }
    line += 1
    const purpose = `group ${line}`
    let held: Assignment = { generation: 0, partitions: [] }
    let isLeader = false
    let partitionsSeen = topic.partitions
    let failed: unknown
    const ended = new AbortController()
    const connect = (): Promise<Connection> => coordinator('group', group, purpose, as)
    const hold = (partitions: readonly number[]): void => {
      held = { generation: held.generation + 1, partitions }
    }

    async function enter(): Promise<void> {
      const connection = await connect()
      const subscription = { name: protocol, metadata: encodeSubscription(topic.name) }
      const timeouts = [sessionMs, rebalanceTimeoutMs] as const
      const ask = () =>
        client.ask(
          ...[
            connection,
            api.joinGroup,
            as,
            group,
            ...timeouts,
            member.memberId,
            null,
            protocolType,
            [subscription],
            null,
          ],
        )
      const joined = await ask().catch((error: unknown) => {
        // The broker gives a name first, and takes in who comes back with it.
        const given = newMemberId(error)
        if (given === undefined) throw error
        member.memberId = given
        return ask()
      })
      member.memberId = joined.memberId
      member.generation = joined.generationId
      isLeader = joined.leader === joined.memberId
      if (isLeader) partitionsSeen = (await topics.describe(topic.name))?.topic.partitions ?? partitionsSeen
      const ids = (joined.members ?? []).map(({ memberId }) => memberId)
      const assignments = isLeader
        ? [...shareOut(partitionsSeen, ids)].map(([memberId, own]) => ({
            ...{ memberId, assignment: encodeAssignment(topic.name, own) },
          }))
        : []
      const names = [protocolType, protocol] as const
      const synced = await client.ask(
        ...[connection, api.syncGroup, as, group, member.generation, member.memberId, null, ...names, assignments],
      )
      hold(decodeAssignment(synced.assignment, topic.name))
      members.set(group, member)
    }

    function newMemberId(error: unknown): string | undefined {
      if (!(error instanceof Fault) || errorOf(error) !== 'MEMBER_ID_REQUIRED') return undefined
      const given = Reflect.get(Object(Reflect.get(Object(error.cause), 'response')), 'memberId')
      return typeof given === 'string' ? given : undefined
    }

    /** Undefined where all is as it was; otherwise the protocol's word for what is not. */
    async function beat(): Promise<string | undefined> {
      try {
        const connection = await connect()
        await client.ask(connection, api.heartbeat, as, group, member.generation, member.memberId, null)
        return undefined
      } catch (error) {
        if (!(error instanceof Fault) || !error.retry) throw error
        return errorOf(error)
      }
    }

    async function pause(ms: number): Promise<void> {
      await sleep(ms, undefined, { signal: ended.signal }).catch(() => {}) // woken early by the end
    }

    /** Partitions are about to change hands: what was read of them is made safe, within the budget, while the member stays alive. */
    async function letGo(): Promise<void> {
      let isDone = false
      const finished = Promise.race([changing(), pause(changingMs)]).finally(() => {
        isDone = true
      })
      while (!isDone) {
        await Promise.race([finished, pause(heartbeatMs)])
        if (!isDone) await beat()
      }
      await finished
      hold([])
    }

    /** Enters again, however long that takes; who was thrown out comes as someone new. */
    async function comeBack(): Promise<void> {
      while (!ended.signal.aborted && !client.isClosed) {
        try {
          await enter()
          return
        } catch (error) {
          if (!(error instanceof Fault) || !error.retry) throw error
          if (/UNKNOWN_MEMBER_ID|ILLEGAL_GENERATION/.test(errorOf(error) ?? '')) member.memberId = ''
          await pause(heartbeatMs / 2)
        }
      }
    }

    async function stay(): Promise<void> {
      let lookedMs = Date.now()
      while (!ended.signal.aborted) {
        await pause(heartbeatMs)
        // Of a log that is closed nobody is a member any more, whether or not it took its leave.
        if (ended.signal.aborted || client.isClosed) return
        const word = await beat()
        if (ended.signal.aborted) return
        if (word === 'REBALANCE_IN_PROGRESS') {
          await letGo()
          await comeBack()
        } else if (word === 'UNKNOWN_MEMBER_ID' || word === 'ILLEGAL_GENERATION') {
          hold([])
          if (word === 'UNKNOWN_MEMBER_ID') member.memberId = ''
          await comeBack()
        } else if (isLeader && Date.now() - lookedMs > lookAtPartitionsMs) {
          lookedMs = Date.now()
          const partitions = (await topics.describe(topic.name))?.topic.partitions ?? partitionsSeen
          if (partitions !== partitionsSeen) {
            await letGo()
            await comeBack()
          }
        }
      }
    }

    async function leave(): Promise<void> {
      if (ended.signal.aborted) return
      ended.abort()
      // It may be waiting for the others to come back; the broker sees to that.
      await Promise.race([staying, sleep(heartbeatMs)])
      if (members.get(group) === member) members.delete(group)
      hold([])
      // Who cannot say goodbye is missed when its session ends.
      await coordinator('group', group, `${purpose} leaving`, as)
        .then((connection) => {
          const leaver = { memberId: member.memberId, groupInstanceId: null, reason: null }
          return client.ask(connection, api.leaveGroup, as, group, [leaver])
        })
        .catch(() => {})
    }

    let staying: Promise<void> = Promise.resolve()
    return throughWeather(enter).then(() => {
      staying = stay().catch((error: unknown) => {
        failed = error
        hold([])
      })
      return {
        assigned() {
          if (failed !== undefined) throw failed
          return held
        },
        leave,
      }
    })
  }

  async function commit(topic: Topic, group: string, next: ReadonlyMap<number, number>): Promise<void> {
    const as = asked(`noting how far ${topic.name} was read`, { topic: topic.name, group })
    const partitions = [...next].map(([partitionIndex, offset]) => ({
      ...{ partitionIndex, committedOffset: BigInt(offset), committedLeaderEpoch: -1, committedMetadata: '' },
    }))
    if (partitions.length === 0) return
    const member = members.get(group) ?? { generation: -1, memberId: '' }
    const connection = await coordinator('group', group, 'commit', as)
    await client.ask(...[connection, api.offsetCommit, as, group, member.generation, member.memberId, null], [
      { name: topic.name, partitions },
    ])
  }

  return {
    join,
    async noteConsumed(topic, consumer, next) {
      await topics.standing(topic)
      const group = groupId(topic, consumer)
      try {
        await commit(topic, group, next)
      } catch (error) {
        if (!(error instanceof Fault)) throw error
        // A group that is about to share out anew, or whose members are others, takes no word now; the next one comes soon.
        const word = errorOf(error) ?? error.code
        if (error.retry || told.has(word)) return
        told.add(word)
        report({ kind: 'fault', fault: error })
      }
    },
  }
}

/** Says whose it is to people, and is another one for each topic: members of one group all read the same. */
function groupId({ name }: Topic, consumer: string): string {
  const told = consumer.replace(/[^A-Za-z0-9._-]+/g, '-').slice(-60)
  const hash = createHash('sha256').update(consumer).digest('hex').slice(0, 12)
  return `fairlead.${name}.${told}.${hash}`
}

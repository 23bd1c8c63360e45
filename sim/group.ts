import type { Assignment, Membership } from '#port'
import type { Dice } from './dice.ts'
import type { Process } from './scheduler.ts'
import type { World } from './world.ts'

interface Member {
  readonly process: Process
  readonly changing: () => Promise<void>
  assignment: Assignment
  /** Reads of partitions that are another's, since they changed hands. */
  strayReads: number
}

/** Those that share one topic's partitions. */
export interface Group {
  join(process: Process, partitions: number, changing: () => Promise<void>): Promise<Membership>
  /** Somebody read a partition: whoever let go of it may have a round of reads under way, and one more that it began
   * before it looked, and no third. */
  noteRead(process: Process, partition: number): void
  /** Shares out anew, as a broker does for reasons of its own. */
  shuffle(): void
  /** A process is gone and said nothing. */
  lose(process: Process): void
}

/** How long a dead member keeps its partitions, and how long those that live may take to let go, in milliseconds. */
const sessionMs = [1_000, 6_000] as const
const patienceMs = [50, 3_000] as const

export function newGroup(world: World, dice: Dice): Group {
  let members: Member[] = []
  let generation = 0
  let partitions = 0
  let sharing: Promise<void> | undefined
  let again = false

  function share(): Promise<void> {
    again = true
    sharing ??= shareOut().finally(() => {
      sharing = undefined
    })
    return sharing
  }

  async function shareOut(): Promise<void> {
    while (again) {
      again = false
      const patience = world.sleep(world.nature, dice.whole(...patienceMs))
      await Promise.race([Promise.all(members.map(({ changing }) => changing())), patience])
      generation += 1
      world.tally.add('rebalances')
      const shift = dice.whole(0, 7)
      for (const [i, member] of members.entries()) {
        const own = Array.from({ length: partitions }, (_, at) => at).filter(
          (at) => (at + shift) % members.length === i,
        )
        member.assignment = { generation, partitions: own }
        member.strayReads = 0
        world.tell(`${member.process.name} has ${own} in generation ${generation}`)
      }
    }
  }

  return {
    async join(process, count, changing) {
      partitions = Math.max(partitions, count)
      const member = { process, changing, assignment: { generation, partitions: [] }, strayReads: 0 }
      members.push(member)
      await share()
      return {
        assigned: () => member.assignment,
        async leave() {
          members = members.filter((each) => each !== member)
          if (members.length > 0) void share()
        },
      }
    },
    noteRead(process, partition) {
      const member = members.findLast((each) => each.process === process)
      if (member === undefined || member.assignment.partitions.includes(partition)) return
      world.tally.add('stray reads')
      world.tell(`${process.name} reads partition ${partition}, which is not its own in generation ${generation}`)
      member.strayReads += 1
      if (member.strayReads > 2 * partitions)
        world.fail('assignment', `${process.name} goes on reading partition ${partition}, which is another's by now`)
    },
    shuffle() {
      if (members.length > 0) void share()
    },
    lose(process) {
      void world.sleep(world.nature, dice.whole(...sessionMs)).then(() => {
        if (!members.some((each) => each.process === process)) return
        members = members.filter((each) => each.process !== process)
        if (members.length > 0) void share()
      })
    },
  }
}

import type { Dice } from './random.ts'
import { clamp, diceFor } from './random.ts'

export const respondents = ['student', 'teacher', 'parent'] as const
export type Respondent = (typeof respondents)[number]

/** What is known of a school before its season begins. */
export interface SeasonSchool {
  readonly dbn: string
  readonly enrolment: number | null
  /** The newest published response rates, fractions. */
  readonly rates: Readonly<Record<Respondent, number | null>>
}

/** How one school goes through the season, and where it ends. */
export interface Course {
  readonly dbn: string
  /** By respondent, in the order of `respondents`. */
  readonly invited: readonly number[]
  readonly responded: readonly number[]
  /** Share of the season after which all are invited. */
  readonly opening: number
  /** Below 1 most answer early, above 1 most answer late. */
  readonly pace: number
  /** Share of the answers that the deadline brings, and of the season that is over when it begins to tell. */
  readonly rush: number
  readonly rushFrom: number
}

/** Pupils a teacher; a parent is asked for each pupil. */
const pupilsPerTeacher = 14

/** What is drawn from where no school has a published rate. */
const usualRates: Readonly<Record<Respondent, readonly [number, ...number[]]>> = {
  student: [0.7, 0.8, 0.85, 0.9],
  teacher: [0.75, 0.85, 0.9, 0.95],
  parent: [0.3, 0.45, 0.55, 0.65],
}

/** Courses in order of DBN. What is not known of a school is drawn from what is known of the others. */
export function coursesOf(schools: readonly SeasonSchool[], seed: number): readonly Course[] {
  const enrolments = schools.flatMap(({ enrolment }) => enrolment ?? [])
  const published = respondents.map((respondent) => schools.flatMap(({ rates }) => rates[respondent] ?? []))
  return [...schools]
    .sort((a, b) => (a.dbn < b.dbn ? -1 : 1))
    .map(({ dbn, enrolment, rates }) => {
      const dice = diceFor(seed, 'course', dbn)
      const pupils = enrolment ?? drawn(enrolments, dice) ?? Math.round(clamp(480 + 260 * dice.normal(), 90, 3_200))
      const asked = [pupils, Math.round(pupils / pupilsPerTeacher), pupils]
      const invited = asked.map((people) => Math.max(1, people))
      const responded = respondents.map((respondent, at) => {
        const rate = rates[respondent] ?? drawn(published[at] ?? [], dice) ?? dice.pick(usualRates[respondent])
        return Math.round((invited[at] ?? 0) * clamp(rate, 0, 1))
      })
      return {
        dbn,
        invited,
        responded,
        opening: 0.15 + 0.25 * dice.next(),
        pace: 0.6 + 2 * dice.next(),
        rush: 0.1 + 0.3 * dice.next(),
        rushFrom: 0.7 + 0.2 * dice.next(),
      }
    })
}

function drawn(list: readonly number[], dice: Dice): number | undefined {
  return list[Math.floor(dice.next() * list.length)]
}

export interface Counts {
  readonly invited: number
  readonly responded: number
}

/**
 * Totals of one respondent when a share of the season is over, from 0 to 1. They never fall: each step below keeps the order of its arguments, in rounded
 * arithmetic too.
 */
export function countsAt(course: Course, respondent: number, share: number): Counts {
  const [all, answers] = [course.invited[respondent] ?? 0, course.responded[respondent] ?? 0]
  if (share >= 1) return { invited: all, responded: answers }
  const invited = Math.floor(all * eased(Math.min(1, share / course.opening), 0.2))
  const rushed = Math.max(0, (share - course.rushFrom) / (1 - course.rushFrom))
  const answered = (1 - course.rush) * eased(share, course.pace) + course.rush * rushed * rushed
  return { invited, responded: Math.min(invited, answers, Math.floor((invited / all) * answers * answered)) }
}

/** From 0 to 1 as `share` does; a bend below 1 is steep at first, above 1 at the end. */
function eased(share: number, bend: number): number {
  return share <= 0 ? 0 : 1 / (1 + bend * (1 / share - 1))
}

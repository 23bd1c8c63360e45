import { clamp } from './random.ts'
import type { School } from './school.ts'
import { csvLine, withPoint } from './text.ts'

const students = [
  'Academic Press',
  'Conflict Resolution',
  'Course Clarity',
  'Cultural Awareness and Inclusive Classroom Instruction',
  'Guidance',
  'Inclusive Leadership',
  'Inclusive Learning Environment',
  'Personal Attention and Support',
  'Preventing Bullying',
  'Safety',
  'School Facilities and Services',
  'Skills For Success',
  'Student-Student Trust',
  'Student-Teacher Trust',
]
const teachers = [
  'Academic Press',
  "Building Families' Capacity as their Child's Primary Advocate",
  "Building Families' Capacity as their Child's Primary Teacher",
  'Classroom Behavior',
  'Conflict Resolution',
  'Cultural Awareness and Inclusive Classroom Instruction',
  'Early Childhood Instruction',
  'Guidance',
  'Inclusive Learning Environment',
  'Innovation and Collective Responsibility',
  'Instructional Leadership',
  'Outreach to Parents',
  'Peer Collaboration',
  'Preventing Bullying',
  'Program Coherence',
  'Quality of Professional Development',
  'Quality of Student Discussion',
  'Safety',
  'School Commitment',
  'School Facilities and Services',
  'Skills For Success',
  'Strong Core Instruction',
  'Strong Relationships',
  'Teacher Influence',
  'Teacher-Principal Trust',
  'Teacher-Teacher Trust',
  'Two-Way Communication',
]
const families = [
  "Building Families' Capacity as their Child's Primary Advocate",
  "Building Families' Capacity as their Child's Primary Teacher",
  'Conflict Resolution',
  "Family Satisfaction with Child's Education",
  'IEP Service Satisfaction',
  'Inclusive Leadership',
  'Outreach to Parents',
  'Parent Involvement in School',
  'Parent-Principal Trust',
  'Parent-Teacher Trust',
  'School Facilities and Services',
  'Strong Relationships',
]
/** Families of pre-kindergartens are not asked how conflicts are resolved. */
const preKFamilies = families.filter((construct) => construct !== 'Conflict Resolution')
/** Teachers are asked these in early childhood only. */
const earlyChildhood = new Set([
  "Building Families' Capacity as their Child's Primary Advocate",
  "Building Families' Capacity as their Child's Primary Teacher",
  'Early Childhood Instruction',
  'Strong Relationships',
  'Two-Way Communication',
])

const headers = [
  'Name',
  'NYC School Survey 2025 - 2025 NYC School Survey: Students',
  ...students,
  '2025 NYC School Survey: Teacher',
  ...teachers,
  'NYC School Survey 2025 - Family',
  ...preKFamilies,
  'NYC School Survey 2025 - Family',
  ...families,
]

/** Pre-kindergarten centres for each school of the file, as in truth. */
const centresPerSchool = 0.58

/** The export of the results dashboard: a row of block titles one cell shorter than the row of names under it, and centres that are no schools at the end. */
export function* surveyDashboardCsv(
  schools: readonly School[],
  centre: (index: number) => School['dice'],
): Iterable<string> {
  yield `Student Survey${',""'.repeat(14)},Employee Survey${',""'.repeat(27)},Guardian Surveys${',""'.repeat(24)}\n`
  yield csvLine(headers, '\n')
  const present = surveyed2025(schools)
  for (const school of present) yield csvLine(schoolCells(school), '\n')
  for (let index = 0; index < centreCount(present); index += 1) yield csvLine(centreCells(index, centre(index)), '\n')
}

export function surveyed2025(schools: readonly School[]): readonly School[] {
  return schools.filter((school) => !school.dice('survey 2025/left out').chance(0.04))
}

export function centreCount(surveyed: readonly School[]): number {
  return Math.round(surveyed.length * centresPerSchool)
}

function schoolCells({ dbn, name, level, climate, dice }: School): readonly string[] {
  const thrown = dice('survey 2025')
  const positive = (weight: number) => withPoint(Math.round(clamp(80 + weight * climate + 8 * thrown.normal(), 5, 100)))
  const [first, last] = level.grades
  const block = (
    answers: boolean,
    constructs: readonly string[],
    asks: (construct: string) => boolean,
    weight: number,
  ) => ['', ...constructs.map((construct) => (answers && asks(construct) ? positive(weight) : ''))]
  const all = () => true
  return [
    `${dbn} - ${name}`,
    ...block(last >= 6 && !thrown.chance(0.02), students, all, 6),
    ...block(!thrown.chance(0.03), teachers, (construct) => first <= 0 || !earlyChildhood.has(construct), 7),
    ...block(false, preKFamilies, all, 0),
    ...block(!thrown.chance(0.01), families, all, 4),
  ]
}

function centreCells(index: number, dice: School['dice']): readonly string[] {
  const thrown = dice('pre-K centre')
  const answers = thrown.chance(0.7)
  const code = index < 1000 ? String(index).padStart(3, '0') : (10 * 36 * 36 + index).toString(36).toUpperCase()
  return [
    `C${code} - Sample Pre-K Center ${index + 1}`,
    ...Array.from({ length: 1 + students.length + 1 + teachers.length + 1 }, () => ''),
    ...preKFamilies.map(() => (answers ? withPoint(Math.round(clamp(93 + 5 * thrown.normal(), 40, 100))) : '')),
    ...Array.from({ length: 1 + families.length }, () => ''),
  ]
}

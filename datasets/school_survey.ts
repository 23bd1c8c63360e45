import type { ColumnSpec, Measure } from '#contract'
import { defineContract, say } from '#contract'
import { dbnPattern } from './city/place.ts'

const { capture, coalesce, divide, number, source } = say

/** `01M034 - P.S. 034 Franklin D. Roosevelt` in the exports of the results dashboard. */
const named = (group: number) => capture(source('Name'), `^(${dbnPattern}) - (.*)$`, group)

function rate(respondent: Measure['respondent'], who: string, ...from: string[]): ColumnSpec {
  return {
    type: 'double',
    about: `Share of the school’s ${who} who answered the survey`,
    unit: 'fraction 0–1',
    from,
    value: divide(number(source(...from)), 100),
    domain: { is: { min: 0, max: 1 }, rule: 'not_a_rate', severity: 'reject' },
    measure: { respondent, construct: 'Response rate', scale: 'rate' },
  }
}

function score(construct: string, ...aliases: string[]): ColumnSpec {
  return {
    type: 'double',
    about: `${construct}, the department’s score of the school over all who were asked`,
    unit: 'score 1–5',
    from: [`${construct} Score`, ...aliases],
    domain: { is: { min: 1, max: 5 }, rule: 'not_a_score', severity: 'reject' },
    measure: { respondent: 'school', construct, scale: 'score_1_5' },
  }
}

const blocks = {
  student: { prefix: 'Students', respondent: 'student', suffix: '' },
  teacher: { prefix: 'Teachers', respondent: 'teacher', suffix: '' },
  family_prek: { prefix: 'Families (pre-K)', respondent: 'family', suffix: ' (pre-K)' },
  family: { prefix: 'Families', respondent: 'family', suffix: '' },
} as const

/** Who was asked about what in 2025, in the order of the columns. */
const constructs2025: Readonly<Record<keyof typeof blocks, readonly string[]>> = {
  student: [
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
  ],
  teacher: [
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
  ],
  family_prek: [
    "Building Families' Capacity as their Child's Primary Advocate",
    "Building Families' Capacity as their Child's Primary Teacher",
    "Family Satisfaction with Child's Education",
    'IEP Service Satisfaction',
    'Inclusive Leadership',
    'Outreach to Parents',
    'Parent Involvement in School',
    'Parent-Principal Trust',
    'Parent-Teacher Trust',
    'School Facilities and Services',
    'Strong Relationships',
  ],
  family: [
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
  ],
}

function percentPositive(block: keyof typeof blocks, construct: string): [string, ColumnSpec] {
  const { prefix, respondent, suffix } = blocks[block]
  const slug = construct
    .toLowerCase()
    .replaceAll("'", '')
    .replace(/[^a-z0-9]+/g, '_')
  return [
    `${block}_${slug}`,
    {
      type: 'double',
      about: `${construct}${suffix}: share of positive answers of those asked (${prefix.toLowerCase()})`,
      unit: 'percent positive 0–100',
      from: [`${prefix} / ${construct}`],
      domain: { is: { min: 0, max: 100 }, rule: 'not_a_percentage', severity: 'reject' },
      measure: { respondent, construct: `${construct}${suffix}`, scale: 'percent_positive' },
      wide: false,
    },
  ]
}

const names2019 = ['DBN', 'School Name', 'Total Parent Response Rate %', 'Total Student Response Rate %', 'Trust Score']

export default defineContract({
  name: 'school_survey',
  title: 'NYC School Survey',
  about:
    'What students, teachers and families answered about their school. 2019: response rates and scores from 1 to 5. 2025: share of positive answers by construct. The scales differ from year to year and are never averaged together.',
  grain: 'one school in one school year',
  publisher: 'New York City Department of Education',
  licence: 'Free use with attribution (NYC Open Data terms of use)',
  attribution:
    'NYC Department of Education, NYC School Survey: 2019 Public Data File – Students (5x8i-3c5b); 2025 export of the results dashboard, leadership view',
  url: 'https://data.cityofnewyork.us/d/5x8i-3c5b',
  files: ['*PublicDataFile*', '*Public_Data_File*', '*LeadershipView*.csv', '*survey*.json', '*survey*.csv'],
  encodings: ['utf-8', 'windows-1252', 'macintosh'],
  missing: ['N/A', 'NA', 'n/a', 'na', 'NULL', 'N/A%'],
  withheld: ['^N ?< ?[0-9]+$', '^(?:[<>]|Above|Below) ?[0-9.]+ ?%?$'],
  layouts: [
    {
      name: 'public_2019',
      about: 'Survey of 2018-19: rates 0–100, scores 1–5.',
      format: 'csv',
      requires: names2019,
      constants: { school_year: 2019 },
    },
    {
      name: 'socrata_2019',
      about: 'The same, as the open data portal’s rows.json.',
      format: 'socrata',
      requires: names2019,
      constants: { school_year: 2019 },
    },
    {
      name: 'leadership_2025',
      about:
        'Survey of 2024-25: percent positive by construct in four blocks, pre-K centres among the schools, no response rates.',
      format: 'csv',
      headerRows: 2,
      requires: [
        'Name',
        'NYC School Survey 2025 - 2025 NYC School Survey: Students',
        '2025 NYC School Survey: Teacher',
      ],
      blocks: [
        { title: 'NYC School Survey 2025 - 2025 NYC School Survey: Students', prefix: blocks.student.prefix },
        { title: '2025 NYC School Survey: Teacher', prefix: blocks.teacher.prefix },
        { title: 'NYC School Survey 2025 - Family', prefix: blocks.family_prek.prefix },
        { title: 'NYC School Survey 2025 - Family', prefix: blocks.family.prefix },
      ],
      constants: { school_year: 2025 },
    },
  ],
  columns: {
    dbn: {
      type: 'string',
      about: 'District, borough and number of the school',
      unit: 'DBN',
      from: ['DBN', 'Name'],
      value: coalesce(capture(source('DBN'), `^(${dbnPattern})$`), named(1)),
      required: { rule: 'not_a_school', severity: 'reject' },
    },
    school_year: {
      type: 'integer',
      about: 'Year in which the school year ends',
      unit: 'year',
      required: { rule: 'no_school_year', severity: 'reject' },
    },
    school_name: {
      type: 'string',
      about: 'Name of the school that year',
      unit: 'text',
      from: ['School Name', 'Name'],
      value: coalesce(source('School Name'), named(2)),
    },
    student_response_rate: rate('student', 'students', 'Total Student Response Rate %'),
    teacher_response_rate: rate('teacher', 'teachers', 'Total Teacher Response Rate %'),
    parent_response_rate: rate('family', 'parents', 'Total Parent Response Rate %'),
    collaborative_teachers_score: score('Collaborative Teachers'),
    effective_school_leadership_score: score('Effective School Leadership'),
    rigorous_instruction_score: score('Rigorous Instruction'),
    supportive_environment_score: score('Supportive Environment'),
    strong_family_community_ties_score: score('Strong Family-Community Ties'),
    trust_score: score('Trust'),
    ...Object.fromEntries(
      (Object.keys(blocks) as (keyof typeof blocks)[]).flatMap((block) =>
        constructs2025[block].map((construct) => percentPositive(block, construct)),
      ),
    ),
  },
  key: ['dbn', 'school_year'],
  rules: [],
  measureTable: 'survey_measure',
})

import { defineContract, say } from '#contract'
import { dbnPattern } from './city/place.ts'

const { column, compare } = say

export default defineContract({
  name: 'survey_live',
  title: 'Survey season, simulated',
  about:
    'Answers to a survey season as they come in: at each report, how many of a school’s students, teachers or parents were invited and how many have answered so far. Simulated: nobody gave these answers.',
  grain: 'one report',
  publisher: 'Fairlead',
  licence: 'MIT',
  attribution: 'Simulated by Fairlead; rises to the newest published response rates',
  url: 'https://www.schools.nyc.gov/about-us/reports/school-quality/nyc-school-survey',
  simulated: true,
  stream: { topic: 'school_climate_stream', partitions: 3 },
  files: [],
  encodings: ['utf-8'],
  missing: [],
  layouts: [
    {
      name: 'report',
      about: 'One report of one school about one group of people; counts are totals so far.',
      format: 'message',
      requires: ['event_id', 'dbn', 'respondent'],
    },
  ],
  columns: {
    event_id: {
      type: 'string',
      about: 'Identity of the report; the same report sent again has the same',
      unit: 'id',
      from: ['event_id'],
      required: { rule: 'no_event_id', severity: 'reject' },
    },
    dbn: {
      type: 'string',
      about: 'School: district, borough, number',
      unit: 'DBN',
      from: ['dbn'],
      required: { rule: 'not_a_school', severity: 'reject' },
      domain: { is: { matches: dbnPattern }, rule: 'not_a_school', severity: 'reject' },
    },
    school_year: {
      type: 'integer',
      about: 'Year in which the school year ends',
      unit: 'year',
      from: ['school_year'],
      required: { rule: 'no_school_year', severity: 'reject' },
      domain: { is: { min: 2000, max: 2100 }, rule: 'no_school_year', severity: 'reject' },
    },
    respondent: {
      type: 'string',
      about: 'Who answers',
      unit: 'student, teacher or parent',
      from: ['respondent'],
      required: { rule: 'unknown_respondent', severity: 'reject' },
      domain: { is: { oneOf: ['student', 'teacher', 'parent'] }, rule: 'unknown_respondent', severity: 'reject' },
    },
    invited: {
      type: 'integer',
      about: 'Invited so far',
      unit: 'people',
      from: ['invited'],
      required: { rule: 'no_count', severity: 'reject' },
      domain: { is: { min: 0 }, rule: 'negative_count', severity: 'reject' },
    },
    responded: {
      type: 'integer',
      about: 'Answered so far',
      unit: 'people',
      from: ['responded'],
      required: { rule: 'no_count', severity: 'reject' },
      domain: { is: { min: 0 }, rule: 'negative_count', severity: 'reject' },
    },
    event_at: {
      type: 'timestamp',
      about: 'When the school reported, by its own clock, UTC',
      unit: 'instant',
      from: ['event_ts'],
      required: { rule: 'no_event_ts', severity: 'reject' },
    },
  },
  key: ['event_id'],
  rules: [
    {
      rule: 'more_answers_than_invited',
      severity: 'reject',
      about: 'no more people answer than were invited',
      holds: compare(column('responded'), '<=', column('invited')),
    },
  ],
})

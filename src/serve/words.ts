import type { RateMeasure, Scale, SchoolMeasure } from '#api'

export const rateMeasures = ['student_response_rate', 'teacher_response_rate', 'parent_response_rate'] as const

export const schoolMeasures = [
  ...rateMeasures,
  'collaborative_teachers_score',
  'effective_school_leadership_score',
  'rigorous_instruction_score',
  'supportive_environment_score',
  'strong_family_community_ties_score',
  'trust_score',
] as const

/** The measures that `gold.climate_vulnerability` carries. */
export const vulnerabilityMeasures = [...rateMeasures, 'trust_score'] as const

export const scales = ['rate', 'score_1_5', 'percent_positive'] as const

const rateLabels: Readonly<Record<RateMeasure, string>> = {
  student_response_rate: 'Student response rate',
  teacher_response_rate: 'Teacher response rate',
  parent_response_rate: 'Parent response rate',
}

export function rateLabel(measure: RateMeasure): string {
  return rateLabels[measure]
}

export function unitOfScale(scale: Scale): string {
  return { rate: 'fraction', score_1_5: 'score 1–5', percent_positive: 'percent positive' }[scale]
}

export function unitOf(measure: SchoolMeasure): string {
  return measure.endsWith('_rate') ? 'fraction' : 'score 1–5'
}

const boroughs: Readonly<Record<string, string>> = {
  M: 'Manhattan',
  X: 'Bronx',
  K: 'Brooklyn',
  Q: 'Queens',
  R: 'Staten Island',
}

export function boroughLabel(letter: string): string {
  return boroughs[letter] ?? (letter === none ? 'No borough' : letter)
}

export function districtLabel(code: string): string {
  return code === none ? 'No district' : `District ${code}`
}

const programs: Readonly<Record<string, string>> = {
  community: 'Community',
  charter: 'Charter',
  special_education: 'Special education (District 75)',
  alternative: 'Alternative (District 79)',
}

export function programLabel(program: string): string {
  return programs[program] ?? program
}

/** Stands in a filter for schools that have no such value. */
export const none = 'none'

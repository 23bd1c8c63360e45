import type { ApiCell, Options } from '#api'
import { capital, percent, schoolYear, words } from './format.ts'

/** Headings for people; a column without one shows its name. */
const headings: Readonly<Record<string, string>> = {
  dbn: 'DBN',
  school_year: 'Year',
  school_name: 'School',
  student_response_rate: 'Students',
  teacher_response_rate: 'Teachers',
  parent_response_rate: 'Parents',
  collaborative_teachers_score: 'Collaborative teachers',
  effective_school_leadership_score: 'Leadership',
  rigorous_instruction_score: 'Rigorous instruction',
  supportive_environment_score: 'Supportive environment',
  strong_family_community_ties_score: 'Family & community ties',
  trust_score: 'Trust',
  total_enrollment: 'Enrolled',
  svi_year: 'SVI',
  svi_overall: 'SVI rank',
  svi_bucket: 'Bucket',
  svi_missing_reason: 'Why no rank',
  svi_theme1: 'Theme 1',
  svi_theme2: 'Theme 2',
  svi_theme3: 'Theme 3',
  svi_theme4: 'Theme 4',
  tract_2010: 'Tract (2010)',
  tract_2020: 'Tract (2020)',
  tract_agrees: 'Stated tract agrees',
  missing_reason: 'Why missing',
}

export function heading(column: string): string {
  return headings[column] ?? capital(words(column))
}

export function isNumber(type: string): boolean {
  return ['double', 'float', 'integer', 'long', 'short', 'byte'].includes(type) || type.startsWith('decimal')
}

/** A cell in words; null is a dash, never a zero. */
export function shown(cell: ApiCell, column: string, scale: ApiCell, options: Options): string {
  if (cell === null) return '–'
  if (column === 'school_year' && typeof cell === 'number') return schoolYear(cell)
  if (column.endsWith('_rate') && typeof cell === 'number') return percent(cell, 0)
  if (column === 'value' && typeof cell === 'number') {
    if (scale === 'rate') return percent(cell, 0)
    return scale === 'percent_positive' ? `${cell}%` : cell.toFixed(2)
  }
  if (column.endsWith('_score') && typeof cell === 'number') return cell.toFixed(2)
  if (/^svi_(overall|theme)/.test(column) && typeof cell === 'number') return cell.toFixed(3)
  if (column === 'borough') return options.boroughs.find(({ value }) => value === cell)?.label ?? String(cell)
  if (column === 'program') return options.programs.find(({ value }) => value === cell)?.label ?? String(cell)
  if (column === 'scale')
    return { rate: 'rate', score_1_5: 'score 1–5', percent_positive: '% positive' }[String(cell)] ?? String(cell)
  if (column.endsWith('_ts') || column === 'timestamp') return String(cell).slice(0, 16).replace('T', ' ')
  if (column.endsWith('source') && typeof cell === 'string') return cell.slice(0, 10)
  return String(cell)
}

import type { EquityBucket, EquityGap, Options } from '#api'
import { points } from '../format.ts'

const respondents: Readonly<Record<string, string>> = { student: 'students', teacher: 'teachers', family: 'families' }

/** The construct and who was asked. */
export function measureLabel({
  construct,
  respondent,
  scale,
}: Pick<EquityGap, 'construct' | 'respondent' | 'scale'>): string {
  const who = respondents[respondent]
  if (scale === 'rate') return `Response rate of ${who === 'families' ? 'parents' : who}`
  return who === undefined ? construct : `${construct} (${who})`
}

/** A difference with its sign, in points where the scale is a percentage. */
export function differenceOf(of: number, scale: EquityGap['scale']): string {
  if (scale === 'score_1_5') return signed(of)
  return `${points(scale === 'rate' ? of : of / 100)} pts`
}

/** Two decimals with a sign, no sign where it rounds to zero. */
export function signed(of: number): string {
  const text = of.toFixed(2)
  if (text === '0.00' || text === '-0.00') return '0.00'
  return of < 0 ? `−${text.slice(1)}` : `+${text}`
}

export function scaleWords(scale: EquityGap['scale']): string {
  return {
    rate: 'percent of those asked',
    score_1_5: 'score from 1 to 5',
    percent_positive: 'percent of answers that are positive',
  }[scale]
}

export function suppressionWords(bucket: EquityBucket): string {
  if (bucket.suppression === 'few_schools') return 'withheld: fewer than 5 schools'
  if (bucket.suppression === 'complementary') return 'withheld: would give a smaller group away'
  return bucket.n === 0 ? 'no value published' : ''
}

export function programOptions(options: Options): readonly { readonly value: string; readonly label: string }[] {
  const short = (label: string) => label.replace(/ \(.*\)$/, '')
  return [
    { value: 'all', label: 'All programs' },
    ...options.programs.map(({ value, label }) => ({ value, label: short(label) })),
  ]
}

const isClear = ({ verdict }: EquityGap): boolean => verdict.endsWith('where vulnerability is high')

/** What the year shows, in one sentence that says no more than the table. */
export function headline(gaps: readonly EquityGap[]): string {
  const judged = gaps.filter(({ verdict }) => isClearVerdict(verdict) || verdict === 'no clear relation')
  if (judged.length === 0) return 'Too few schools to compare low and high vulnerability'
  const clear = judged.filter(isClear)
  if (clear.length === 0) return `No clear relation with a tract’s vulnerability in any of ${judged.length} measures`
  const lower = clear.filter(({ verdict }) => verdict.startsWith('lower')).length
  const parts = [
    lower > 0 ? `${lower} lower` : '',
    clear.length > lower ? `${clear.length - lower} higher` : '',
  ].filter((part) => part !== '')
  const none = judged.length - clear.length
  return `Of ${judged.length} measures, ${parts.join(' and ')} where vulnerability is high; ${none === 0 ? 'none' : none} without a clear relation`
}

export function isClearVerdict(verdict: EquityGap['verdict']): boolean {
  return verdict.endsWith('where vulnerability is high')
}

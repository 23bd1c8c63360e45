import type { RateMeasure, Scale } from '#api'

const whole = new Intl.NumberFormat('en-US')

export function count(n: number): string {
  return whole.format(n)
}

export function schools(n: number): string {
  return `${count(n)} ${n === 1 ? 'school' : 'schools'}`
}

/** A published rate is a whole percent; a mean of them gets one decimal. */
export function percent(fraction: number, decimals = 1): string {
  return `${(fraction * 100).toFixed(decimals)}%`
}

/** A difference of two percentages is in points, with its sign. */
export function points(difference: number): string {
  const value = (difference * 100).toFixed(1)
  return value === '0.0' || value === '-0.0' ? '0.0' : signed(value)
}

function signed(value: string): string {
  return value.startsWith('-') ? `−${value.slice(1)}` : `+${value}`
}

export function value(of: number, scale: Scale | 'fraction' | string): string {
  if (scale === 'rate' || scale === 'fraction') return percent(of)
  if (scale === 'percent_positive' || scale === 'percent positive') return `${of.toFixed(1)}%`
  return of.toFixed(2)
}

/** A difference on the measure's own scale. */
export function difference(of: number, unit: string): string {
  return unit === 'fraction' ? `${points(of)} points` : signed(of.toFixed(2))
}

/** 2019 → 2018–19. */
export function schoolYear(ending: number): string {
  return `${ending - 1}–${String(ending % 100).padStart(2, '0')}`
}

export function unitWords(unit: string): string {
  return (
    {
      fraction: 'percent of those asked',
      'score 1–5': 'score from 1 to 5',
      'percent positive': 'percent of answers that are positive',
    }[unit] ?? unit
  )
}

export const respondentOf: Readonly<Record<RateMeasure, 'student' | 'teacher' | 'parent'>> = {
  student_response_rate: 'student',
  teacher_response_rate: 'teacher',
  parent_response_rate: 'parent',
}

export const respondentNouns = { student: 'students', teacher: 'teachers', parent: 'parents' } as const

export function instant(iso: string): string {
  return new Date(iso).toLocaleString('en-US', { dateStyle: 'medium', timeStyle: 'short' })
}

export function day(iso: string): string {
  return new Date(iso).toLocaleDateString('en-US', { dateStyle: 'medium', timeZone: 'UTC' })
}

export function bytes(size: number): string {
  if (size < 1_000) return `${size} B`
  return size < 1_000_000 ? `${(size / 1_000).toFixed(0)} kB` : `${(size / 1_000_000).toFixed(1)} MB`
}

/** `not_a_school` → `not a school`. */
export function words(name: string): string {
  return name.replaceAll('_', ' ')
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

/** How long, in the two units that matter. */
export function duration(ms: number): string {
  const seconds = Math.max(0, ms) / 1_000
  if (seconds < 10) return `${seconds.toFixed(1)} s`
  if (seconds < 60) return `${Math.floor(seconds)} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} min ${Math.floor(seconds % 60)} s`
  const hours = Math.floor(minutes / 60)
  if (hours < 48) return `${hours} h ${minutes % 60} min`
  return `${Math.floor(hours / 24)} days`
}

const toSecond = new Intl.DateTimeFormat('en-US', { timeStyle: 'medium', hourCycle: 'h23' })
const toMillisecond = new Intl.DateTimeFormat('en-US', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 3,
  hourCycle: 'h23',
})

export function clock(at: number | string): string {
  return toSecond.format(new Date(at))
}

export function clockToMillisecond(iso: string): string {
  return toMillisecond.format(new Date(iso))
}

/** 30 → every 30 s; 600 → every 10 min. */
export function intervalWords(seconds: number): string {
  if (seconds < 120) return `${seconds} s`
  return seconds < 7_200 ? `${+(seconds / 60).toFixed(1)} min` : `${+(seconds / 3_600).toFixed(1)} h`
}

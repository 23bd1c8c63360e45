import type { LiveRespondent } from '#api'
import { schoolYear } from '../format.ts'
import { listParameter } from '../route.ts'
import { stream } from '../stream.ts'

export const respondents: readonly LiveRespondent[] = ['student', 'teacher', 'parent']

/** Who is chosen in the address; all where none is. */
export function chosenRespondents(): readonly LiveRespondent[] {
  const chosen = listParameter('respondent')
  const some = respondents.filter((who) => chosen.includes(who))
  return some.length === 0 ? respondents : some
}

/** What every live figure says of itself. */
export function LiveCaption({ unit, n }: { unit: string; n: string }) {
  const about = stream.about.value
  const pace = stream.pace.value
  return (
    <>
      {about?.simulated && <strong class="sample-mark">Simulated</strong>}
      <span>Unit: {unit}</span>
      <span>n = {n}</span>
      {about?.schoolYear && <span>School year {schoolYear(about.schoolYear)}, so far</span>}
      <span>Live publication {pace?.version}</span>
    </>
  )
}

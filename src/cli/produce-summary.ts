import type { ProduceResult } from '#platform'
import { count, duration, figure } from './words.ts'

/** What a producer did, for a person. */
export function produceSummary({ topic, sent, total, complete, tookMs }: ProduceResult): string {
  const state = complete ? 'all is sent' : 'more is left: the same call goes on from here'
  return `${count(sent, 'record')} sent to ${topic}, ${figure(total)} in all; ${state} (${duration(tookMs)})\nNext: fairlead stream consume, or fairlead start\n`
}

import type { RunResult } from '#platform'
import { alignedTable } from './text-table.ts'
import { count, duration, figure } from './words.ts'

/** A run whose tests failed has published nothing new, and one that could not read a file has not done all; a script must see that. */
export function runExitCode(result: RunResult): 0 | 1 {
  return result.outcome === 'held' || result.outcome === 'failed' || result.faults.length > 0 ? 1 : 0
}

/** How a run went, for a person. */
export function runSummary(result: RunResult): string {
  const { datasets, unmatched, gold, tests, failed, tookMs } = result
  const columns = ['dataset', 'landed', 'silver', 'quarantined', 'duplicates', 'superseded', 'new'].map((name) => ({
    name,
  }))
  const rows = Object.entries(datasets).map(([name, counts]) => [
    name,
    counts.landed,
    counts.silver,
    counts.quarantined,
    counts.duplicates,
    counts.superseded,
    Object.values(counts.sources).reduce((sum, source) => sum + source.added, 0),
  ])
  const lines = rows.length === 0 ? [] : [...alignedTable({ columns, rows }, undefined), '\n']
  if (unmatched.length > 0) {
    lines.push(`${count(unmatched.length, 'file')} that no dataset takes: ${unmatched.join(', ')}\n`)
  }
  const warned = tests.warned > 0 ? `, ${figure(tests.warned)} warned` : ''
  const verdict = `${figure(tests.passed)} tests passed, ${figure(tests.failed)} failed${warned}`
  lines.push(`Gold: ${count(Object.keys(gold).length, 'table')}; ${verdict}\n`)
  for (const { id, message } of failed) lines.push(`  failed: ${id}${message === null ? '' : `: ${message}`}\n`)
  lines.push(`${outcomeText(result)} (${duration(tookMs)})\n`)
  return lines.join('')
}

function outcomeText({ outcome, published }: RunResult): string {
  switch (outcome) {
    case 'published':
      return `Published version ${published}`
    case 'unchanged':
      return published === null ? 'Nothing to publish' : `Nothing new: version ${published} stands`
    case 'held':
      return 'Held back: the publication before stands'
    case 'failed':
      return 'Failed: the publication before stands'
  }
}

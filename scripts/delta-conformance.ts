import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { goldenFolder, goldenTables, tryGolden } from '../test/lake/golden.ts'

// Writes docs/delta-conformance.md from what the lake does with each golden Delta table; with --check only says whether the page is fresh.

const page = join(import.meta.dirname, '../docs/delta-conformance.md')
const folder = goldenFolder()

if (folder === undefined) {
  console.log('delta-conformance: skipped, there is no ../shared/golden-delta beside the checkout (or FAIRLEAD_SHARED)')
} else {
  const text = await conformance(folder)
  if (!process.argv.includes('--check')) await writeFile(page, text)
  else if ((await readFile(page, 'utf8').catch(() => '')) !== text) {
    console.error('docs/delta-conformance.md is not fresh. Run node scripts/delta-conformance.ts.')
    process.exitCode = 1
  }
}

async function conformance(collection: string): Promise<string> {
  const lines: string[] = []
  const counts = { right: 0, read: 0, refused: 0, wrong: 0 }
  for (const golden of goldenTables(collection)) {
    const result = await tryGolden(golden)
    counts[result.outcome === 'right' && !result.compared ? 'read' : result.outcome] += 1
    lines.push(`| ${golden.name} | ${inWords(result)} |`)
  }
  return `# Delta conformance

What the lake does with the golden tables of Delta's own projects (delta-io/delta-kernel-rs, written by Delta Lake on Spark).
A table is *right* where its rows equal the expected ones, *refused* where a Fault names the feature that is not supported, or the damage.
Some logs come without their data files; there the log is replayed and the first missing file is named.

${counts.right} right, ${counts.read} read (the collection has nothing to compare them with), ${counts.refused} refused by name, ${counts.wrong} wrong.

| table | result |
|---|---|
${lines.join('\n')}
`
}

function inWords(result: Awaited<ReturnType<typeof tryGolden>>): string {
  switch (result.outcome) {
    case 'right':
      return result.compared ? `right: ${result.rows} rows` : `read: ${result.rows} rows, none to compare with`
    case 'refused':
      return `refused: ${result.fault.message.replaceAll('|', '\\|')}`
    case 'wrong':
      return `**wrong**: ${result.why.replaceAll('|', '\\|')}`
  }
}

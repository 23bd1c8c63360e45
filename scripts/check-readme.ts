/** Holds the words to the product: every command, flag, script, link and dataset that README and its neighbours name must be there. */
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { readCommandLine } from '../src/cli/program.ts'
import { commands } from '../src/cli/table.ts'
import { mayImport, pathOf } from './layers.ts'

const root = process.argv[2] ?? join(import.meta.dirname, '..')
const pages = [
  'README.md',
  'ARCHITECTURE.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'CHANGELOG.md',
  ...globSync('docs/**/*.md', { cwd: root }),
]
const manifest: { scripts: Record<string, string> } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const problems: string[] = []

for (const page of pages) {
  const text = readFileSync(join(root, page), 'utf8')
  const say = (what: string) => problems.push(`${page}: ${what}`)
  for (const link of links(text)) checkLink(page, link, text, say)
  for (const line of commandLines(text)) checkLine(line, say)
  for (const path of paths(text)) if (!existsSync(join(root, path))) say(`there is no ${path}`)
}
const readme = readFileSync(join(root, 'README.md'), 'utf8')
for (const promise of ['npm ci && npm start', 'npm ci && npm test']) {
  if (!readme.includes(promise)) problems.push(`README.md: \`${promise}\` is not there`)
}
checkLayers()
for (const problem of problems) console.error(problem)
if (problems.length > 0) process.exitCode = 1
else console.log(`words: ${pages.length} pages name nothing that is not there`)

/** Lines of shell blocks, and `fairlead …` or `npm …` in running text. Comments and prompts are left out. */
function commandLines(text: string): string[] {
  const blocks = [...text.matchAll(/```(?:sh|bash|console)\n([\s\S]*?)```/g)].flatMap(([, block = '']) =>
    block.split('\n'),
  )
  const prose = text.replace(/```[\s\S]*?```/g, '')
  const spans = [...prose.matchAll(/`((?:npx fairlead|fairlead|npm) [^`]+)`/g)].map(([, span = '']) => span)
  return [...blocks, ...spans]
    .flatMap((line) => line.replace(/ +#.*$/, '').split('&&'))
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
}

function checkLine(line: string, say: (what: string) => void): void {
  const words = [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, word]) => quoted ?? word ?? '')
  if (words[0] === 'npx') words.shift()
  const [program, ...argv] = words
  if (program === 'fairlead') checkFairlead(line, argv, say)
  if (program !== 'npm') return
  const script = argv[0] === 'run' ? argv[1] : argv[0]
  if (script !== 'ci' && (script === undefined || !(script in manifest.scripts)))
    say(`\`${line}\`: there is no such script`)
  const after = argv.indexOf('--')
  if (script === 'start' && after >= 0) checkFairlead(line, ['start', ...argv.slice(after + 1)], say)
}

function checkFairlead(line: string, argv: readonly string[], say: (what: string) => void): void {
  // `fairlead …` and `fairlead COMMAND` speak of any command.
  if (argv[0] === '…' || argv[0] === 'COMMAND') return
  try {
    readCommandLine(argv, commands)
  } catch (error) {
    // A command named without its argument is no claim that it runs so.
    const missing =
      error instanceof Error && 'code' in error && error.code === 'usage/missing-argument' && argv.length === 1
    if (!missing) say(`\`${line}\`: ${error instanceof Error ? error.message : String(error)}`)
  }
}

function links(text: string): string[] {
  const prose = text.replace(/```[\s\S]*?```/g, '')
  return [...prose.matchAll(/\]\(([^)\s]+)\)|(?:src|href)="([^"]+)"/g)].map(
    ([, link, attribute]) => link ?? attribute ?? '',
  )
}

function checkLink(page: string, link: string, text: string, say: (what: string) => void): void {
  if (/^[a-z]+:/.test(link)) return
  const [path = '', anchor] = link.split('#')
  const target = path === '' ? join(root, page) : join(root, dirname(page), path)
  if (!existsSync(target)) {
    say(`the link ${link} leads nowhere`)
    return
  }
  if (anchor === undefined || !target.endsWith('.md')) return
  const headings = (path === '' ? text : readFileSync(target, 'utf8')).matchAll(/^#+ (.+)$/gm)
  const slugs = [...headings].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
  if (!slugs.includes(anchor)) say(`the link ${link} leads to no heading`)
}

/** Folders and files that running text names in code: `src/lake/`, `datasets/svi.ts`. */
function paths(text: string): string[] {
  const prose = text.replace(/```[\s\S]*?```/g, '')
  const spans = [...prose.matchAll(/`([A-Za-z0-9_.-]+\/[A-Za-z0-9_./-]*)`/g)].map(([, span = '']) => span)
  return spans.filter(
    (span) => /^(src|datasets|dbt|web|docs|scripts|test|bench|bin)\//.test(span) && !span.startsWith('web/dist'),
  )
}

/** The page's table of layers is for people, scripts/layers.ts is kept by a check: they say the same. */
function checkLayers(): void {
  const page = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8')
  for (const [folder, allowed] of Object.entries(mayImport)) {
    if (!existsSync(join(root, pathOf(folder)))) continue
    const row = page.split('\n').find((line) => line.startsWith('|') && line.includes(`| \`${pathOf(folder)}/\` |`))
    const said = row?.split('|').at(-2)?.trim() ?? 'nothing'
    const expected = allowed.length > 8 ? 'all above, datasets' : allowed.join(', ') || '–'
    if (said !== expected)
      problems.push(`ARCHITECTURE.md: ${pathOf(folder)}/ may import ${expected}, and the page says ${said}`)
  }
}

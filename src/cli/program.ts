import { Command as Commander, CommanderError, Option } from 'commander'
import type { Field, Spec } from '#config'
import { didYouMean } from '#config'
import { Fault } from '#port'
import type { Command } from './command.ts'
import { commonFlags, flagName, flagsOf } from './flag.ts'

/** What the person asked for. */
export type Asked =
  | { readonly kind: 'help'; readonly text: string; readonly exitCode: 0 | 2 }
  | { readonly kind: 'version' }
  | {
      readonly kind: 'command'
      readonly command: Command
      readonly argument: string
      /** By key. A switch that was given is 'true'. */
      readonly given: ReadonlyMap<string, string>
    }

/** Reads a command line. Faults: `usage/unknown-command`, `usage/unknown-flag`, `usage/missing-argument`, `usage/too-many-arguments`. */
export function readCommandLine(argv: readonly string[], commands: readonly Command[]): Asked {
  let asked: Asked = { kind: 'version' }
  let printed = ''
  const print = { writeOut: (text: string) => (printed += text), writeErr: (text: string) => (printed += text) }
  const root = new Commander('fairlead')
    .description("Equity in New York City's schools: from published files to an audited dashboard.")
    .version('', '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .exitOverride()
    .configureOutput(print)
    .showSuggestionAfterError(false)
    .addHelpText('after', rootHelp)
  addFlags(root, commonFlags)
  const groups = new Map<string, Commander>()
  const groupOf = (name: string): Commander => {
    const group = groups.get(name) ?? root.command(name).description(groupAbout(name, commands))
    if (!groups.has(name)) group.helpOption('-h, --help', 'show help')
    groups.set(name, group)
    return group
  }
  for (const command of commands) {
    const [first = '', second] = command.name.split(' ')
    const sub = (second === undefined ? root : groupOf(first))
      .command(second ?? first)
      .summary(command.about)
      .description(command.more === undefined ? command.about : `${command.about}\n\n${command.more}`)
      .helpOption('-h, --help', 'show help')
      .addHelpText('after', commandHelp(command))
    if (command.argument) sub.argument(`<${command.argument.name}>`, command.argument.about)
    addFlags(sub, flagsOf(command))
    sub.action(() => {
      const given = new Map(
        Object.entries(sub.optsWithGlobals()).map(([name, value]) => [keyOf(name, command), String(value)]),
      )
      asked = { kind: 'command', command, argument: sub.args[0] ?? '', given }
    })
  }
  try {
    root.parse([...argv], { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.code === 'commander.version') return { kind: 'version' }
    if (error.code === 'commander.helpDisplayed') return { kind: 'help', text: printed, exitCode: 0 }
    if (error.code === 'commander.help') return { kind: 'help', text: printed, exitCode: error.exitCode === 0 ? 0 : 2 }
    throw usage(error, argv, commands)
  }
  return asked
}

/** A group's line in the list of commands: what there is in it. */
function groupAbout(group: string, commands: readonly Command[]): string {
  const members = commands.flatMap(({ name }) => (name.startsWith(`${group} `) ? [name.slice(group.length + 1)] : []))
  return members.join(', ')
}

/** The command that was begun, `stream season` before `stream`. */
function commandIn(argv: readonly string[], commands: readonly Command[]): Command | undefined {
  const words = argv.filter((word) => !word.startsWith('-'))
  return commands.find(({ name }) => name.split(' ').every((word, at) => words[at] === word))
}

function addFlags(target: Commander, fields: ReadonlyMap<string, Field>): void {
  for (const [key, field] of fields) {
    const placeholder =
      field.kind === 'boolean' ? '' : ` <${field.kind === 'folder' ? 'dir' : field.kind === 'integer' ? 'n' : 'text'}>`
    const short = key === 'quiet' ? '-q, ' : ''
    const fallback = field.kind === 'boolean' || field.default === undefined ? '' : ` (default: ${field.default})`
    const about = field.about.charAt(0).toLowerCase() + field.about.slice(1)
    target.addOption(new Option(`${short}--${flagName(key)}${placeholder}`, about + fallback))
  }
}

/** Commander names a flag in camel case; our key may stand in a group. */
function keyOf(name: string, command: Command): string {
  const kebab = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
  return [...flagsOf(command).keys()].find((key) => flagName(key) === kebab) ?? name
}

function usage(error: CommanderError, argv: readonly string[], commands: readonly Command[]): Fault {
  const quoted = /'([^']*)'/.exec(error.message)?.[1] ?? ''
  const command = commandIn(argv, commands)
  const help = `\`fairlead ${command ? `${command.name} ` : ''}--help\` shows what there is.`
  switch (error.code) {
    case 'commander.unknownCommand': {
      const group = argv.find((word) => commands.some(({ name }) => name.startsWith(`${word} `)))
      const known = group === undefined ? commands : commands.filter(({ name }) => name.startsWith(`${group} `))
      const asked = group === undefined ? quoted : `${group} ${quoted}`
      const names = known.map(({ name }) => name)
      return new Fault('usage/unknown-command', `${asked} is not a command.${didYouMean(asked, names)}`, {
        mend: `Commands are ${names.join(', ')}.`,
        facts: { command: asked },
      })
    }
    case 'commander.unknownOption': {
      const [flag = quoted] = quoted.split('=')
      const known = [...(command ? flagsOf(command) : commonFlags).keys()].map((key) => `--${flagName(key)}`)
      const where = command ? ` of \`fairlead ${command.name}\`` : ''
      return new Fault(
        'usage/unknown-flag',
        `${flag} is not a flag${where}.${didYouMean(flag, [...known, '--help'])}`,
        {
          mend: help,
          facts: { flag },
        },
      )
    }
    case 'commander.optionMissingArgument':
      return new Fault('usage/missing-value', `${quoted.split(',').pop()?.trim() ?? quoted} needs a value.`, {
        mend: help,
      })
    case 'commander.missingArgument':
      return new Fault('usage/missing-argument', `${quoted.toUpperCase()} is missing.`, {
        mend: `For example: ${command?.examples[0] ?? 'fairlead --help'}`,
      })
    case 'commander.excessArguments':
      return new Fault('usage/too-many-arguments', 'There are more words than the command takes.', {
        mend: `Put a text with blanks in quotes. ${help}`,
      })
    default:
      return new Fault('usage/command-line', error.message.replace(/^error: /, ''), { mend: help })
  }
}

const exitCodes = `Exit codes:
  0    done
  1    fault: what happened and what mends it stand on stderr
  2    the command was called wrongly
`

const rootHelp = `
Example:
  fairlead start          sample data, dashboard on http://localhost:4000

${exitCodes}`

function commandHelp({ examples, fails }: Command<Spec>): string {
  const codes = fails === undefined ? exitCodes : exitCodes.replace('fault:', `${fails}, or a fault:`)
  return `
Examples:
${examples.map((example) => `  ${example}\n`).join('')}
${codes}  130  stopped by Ctrl-C before the end (143 by a TERM signal)
`
}

import type { Setting, Spec } from '#config'
import type { Check } from '#platform'
import type { Command } from '../command.ts'
import { document } from '../command.ts'

const flags = {
  fix: {
    kind: 'text',
    about: 'Install what is missing: dbt, for run --engine dbt (needs Python 3.10)',
    optional: true,
  },
} as const satisfies Spec

export const doctor: Command<typeof flags> = {
  name: 'doctor',
  about: 'check Node, the port, the disk and the lake, and say what mends them',
  more: 'It also shows every option with where its value came from.',
  flags,
  options: ['port'],
  examples: ['fairlead doctor', 'fairlead doctor --lake shared-lake --port 8080', 'fairlead doctor --fix dbt'],
  fails: 'a check failed',
  async run({ flags, options, settings }, { backend, answer }) {
    const { lake, datasets, models, engine, port, kafka, snowflake, dbt } = options
    const platform = await backend()
    const asked = { lake, datasets, models, engine, port, kafka, snowflake, dbt, fix: flags.fix }
    const checks = await platform.doctor(asked)
    const ok = checks.every((check) => check.ok)
    await answer({ json: document({ ok, checks, options: settings }), text: doctorText(checks, settings) })
    return ok ? 0 : 1
  },
}

function* doctorText(checks: readonly Check[], settings: readonly Setting[]): Iterable<string> {
  const nameWidth = Math.max(...checks.map(({ name }) => name.length), ...settings.map(({ key }) => key.length))
  for (const { name, ok, what, mend } of checks) {
    yield `${ok ? 'ok  ' : 'BAD '}  ${name.padEnd(nameWidth)}  ${what}\n`
    if (mend !== null) yield `${' '.repeat(nameWidth + 8)}${mend}\n`
  }
  yield '\nOptions\n'
  for (const { key, value, from } of settings) {
    yield `      ${key.padEnd(nameWidth)}  ${Array.isArray(value) ? value.join(', ') || 'none' : value}  (${from})\n`
  }
}

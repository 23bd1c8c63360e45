import type { Spec } from '#config'
import { isAddress } from '#config'
import type { Report } from '#port'
import { Fault } from '#port'
import type { Command } from '../command.ts'
import { document } from '../command.ts'
import { fromFlag, sampleFlags, sampleOf, seasonDefaults, seasonFlags } from '../input.ts'
import { runExitCode, runSummary } from '../run-summary.ts'
import { untilAborted } from '../until.ts'

const flags = {
  from: fromFlag,
  once: { kind: 'boolean', about: 'Run to the end and exit, without the dashboard', default: false },
  ...sampleFlags,
  season: {
    kind: 'boolean',
    about: 'Play a simulated survey season into the live page; over sample data, without --once, it is played anyway',
    default: false,
  },
  rate: { ...seasonFlags.rate, about: 'Events of the season a second' },
  seconds: { ...seasonFlags.seconds, about: 'Length of the season, in seconds' },
} as const satisfies Spec

export const start: Command<typeof flags> = {
  name: 'start',
  about: 'run everything and show the dashboard, until Ctrl-C',
  more: 'Without --from, an empty lake is filled with generated sample data, marked as sample wherever it is shown, and a simulated survey season streams in.',
  flags,
  options: ['port', 'topics.log'],
  examples: ['fairlead start', 'fairlead start --from my-files --port 8080', 'fairlead start --once --json'],
  fails: 'tests held the publication back (with --once)',
  async run({ flags, options }, { backend, answer, tell, report: show, signal }) {
    const sample = sampleOf(flags)
    if (flags.from !== undefined && (flags.schools !== undefined || flags.seed !== undefined)) {
      throw new Fault('usage/sample-or-from', '--schools and --seed make sample data; --from reads real files.', {
        mend: 'Leave one of them out.',
      })
    }
    const { lake, datasets, models, engine, port, topics, kafka, stream } = options
    const { season, once, rate, seconds } = flags
    const live = { lake, datasets, models, engine, topics, kafka, stream }
    const input = flags.from === undefined ? { sample } : { from: flags.from }
    const runOptions = { lake, datasets, models, engine, topics, kafka, full: false, ...input }
    const platform = await backend()
    const plan = { ...seasonDefaults, rate, seconds }
    if (once) {
      const result = await platform.runOnce(runOptions, { report: show, signal })
      let held = false
      if (season) {
        await platform.playSeason({ ...live, season: plan }, { report: show, signal })
        held = (await platform.consume({ ...live, once, allow: [] }, { report: show, signal })).held
      }
      await answer({ json: document({ ...result, url: null }), summary: runSummary(result) })
      return held ? 1 : runExitCode(result)
    }
    // The server comes first: a port in use is known before any work is done, and the page shows the run as it goes.
    const serving = await platform.serveLake({ ...live, port }, { report: show, signal })
    const { report } = serving
    try {
      tell(`Dashboard: ${serving.url}`)
      const result = await platform.runOnce(runOptions, { report, signal })
      const summary = `${runSummary(result)}Dashboard: ${serving.url}   (Ctrl-C stops)\n`
      await answer({ json: document({ ...result, url: serving.url }), summary })
      // Real schools are given no simulated answers unasked, and a bucket has no folder beside it for a log.
      const plays = season || (flags.from === undefined && (await platform.lakeStatus(live)).sample)
      const isOwnLog = kafka.brokers.length === 0 && topics.log === undefined
      const follows = !isOwnLog || !isAddress(lake)
      // A log of its own stays empty until somebody sends, and nothing is wrong with that.
      const awaits: Report = (event) =>
        isOwnLog && !plays && event.kind === 'fault' && event.fault.code === 'stream/no-topic'
          ? tell(
              `Live: nobody has sent to ${event.fault.facts.topic} yet. What is sent is landed and shown; fairlead stream --help says what sends.`,
            )
          : report(event)
      const effects = { report: awaits, signal }
      const streams = [
        () => platform.consume({ ...live, once, allow: [] }, effects),
        ...(plays ? [() => platform.playSeason({ ...live, season: plan }, effects)] : []),
      ]
      if (follows) await Promise.all(streams.map((work) => followStream(work, effects)))
      await untilAborted(signal)
    } finally {
      await serving.close()
    }
    return 0
  },
}

/** A stream that fails is told, on the page too; the dashboard stays with what was published. */
async function followStream(
  work: () => Promise<unknown>,
  { report, signal }: { readonly report: Report; readonly signal: AbortSignal },
): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    if (!signal.aborted) report({ kind: 'fault', fault: error })
  }
}

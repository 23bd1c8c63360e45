import type { Command } from './command.ts'
import { diff } from './commands/diff.ts'
import { doctor } from './commands/doctor.ts'
import { lakeCheck } from './commands/lake-check.ts'
import { lakeCheckpoint } from './commands/lake-checkpoint.ts'
import { lakeCompact } from './commands/lake-compact.ts'
import { lakeInspect } from './commands/lake-inspect.ts'
import { lakeRead } from './commands/lake-read.ts'
import { lakeVacuum } from './commands/lake-vacuum.ts'
import { lineage } from './commands/lineage.ts'
import { load } from './commands/load.ts'
import { quarantineList } from './commands/quarantine-list.ts'
import { quarantineReplay } from './commands/quarantine-replay.ts'
import { quarantineShow } from './commands/quarantine-show.ts'
import { query } from './commands/query.ts'
import { run } from './commands/run.ts'
import { sample } from './commands/sample.ts'
import { serve } from './commands/serve.ts'
import { start } from './commands/start.ts'
import { status } from './commands/status.ts'
import { streamConsume } from './commands/stream-consume.ts'
import { streamReplay } from './commands/stream-replay.ts'
import { streamSeason } from './commands/stream-season.ts'

/** Every command, in the order of the help. */
export const commands: readonly Command[] = [
  ...[start, run, serve, query, diff, lineage, load, status, doctor, sample],
  ...[quarantineList, quarantineShow, quarantineReplay],
  ...[streamSeason, streamReplay, streamConsume],
  ...[lakeInspect, lakeCheck, lakeRead, lakeCheckpoint, lakeCompact, lakeVacuum],
]

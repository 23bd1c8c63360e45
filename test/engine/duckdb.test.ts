import { join } from 'node:path'
import { duckdbEngine } from '#engine'
import { testSqlEngine } from './conformance.ts'

testSqlEngine('duckdb', (folder) => duckdbEngine({ memoryMb: 512, threads: 2, spillFolder: join(folder, 'spill') }))

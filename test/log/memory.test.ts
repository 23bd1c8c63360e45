import { memoryLog } from '#log'
import { testRecordLog } from './conformance.ts'

testRecordLog('memory', async () => ({ log: memoryLog() }))

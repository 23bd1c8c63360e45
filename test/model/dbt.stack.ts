import { testModelRunner } from './conformance.ts'
import { realDbt } from './dbt.ts'

testModelRunner('dbt itself', () => realDbt())

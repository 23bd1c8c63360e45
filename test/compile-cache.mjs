/** Loaded before each file of tests: what one has compiled the others need not compile again. */
import { enableCompileCache } from 'node:module'

enableCompileCache()

import { crossDatabaseMacros } from './cross-database.ts'
import {
  adapterMethods,
  contextMembers,
  filterNames,
  genericTestNames,
  idleConfigKeys,
  incrementalStrategies,
  materializations,
  modelConfigKeys,
  refusedConfigKeys,
  refusedFilters,
  refusedNames,
  refusedTags,
  refusedTests,
  tagNames,
  testConfigKeys,
  testNames,
} from './feature.ts'
import { methodNames } from './method.ts'

/** The embedded runner's whole language, for the documentation and for tests. */
export const embeddedFeatures = {
  materializations,
  incrementalStrategies,
  modelConfig: modelConfigKeys,
  idleConfig: idleConfigKeys,
  testConfig: testConfigKeys,
  genericTests: genericTestNames,
  tags: tagNames,
  names: contextMembers,
  adapter: adapterMethods,
  macros: [...crossDatabaseMacros.keys()],
  filters: filterNames,
  tests: testNames,
  methods: methodNames(),
  refused: {
    tags: refusedTags,
    names: refusedNames,
    config: refusedConfigKeys,
    filters: refusedFilters,
    tests: refusedTests,
  },
} as const

import {
  idleConfigKeys,
  incrementalStrategies,
  materializations,
  modelConfigKeys,
  refusedConfigKeys,
  testConfigKeys,
} from './feature.ts'
import type { Place } from './place.ts'
import { mistaken, suggest, unsupported } from './place.ts'
import type { Value } from './value.ts'
import { isDict, isList, plain, text, truthy } from './value.ts'
import { placeIn } from './yaml.ts'

export type Settings = Map<string, Value>
type Resource = 'models' | 'seeds' | 'tests' | 'sources'

const sourceConfigKeys = new Set(
  'enabled meta tags freshness loaded_at_field loaded_at_query event_time static_analysis'.split(' '),
)

/** Config that dbt_project.yml gives to a resource of this fully qualified name: from the whole project down to its own folder. */
export function settingsInTree(
  tree: Map<Value, Value>,
  fqn: readonly string[],
  resource: Resource,
  file: string,
): Settings {
  const settings: Settings = new Map()
  let level: Value | undefined = tree
  for (let depth = 0; level !== undefined && isDict(level); depth += 1) {
    const next = fqn[depth]
    for (const [key, value] of level) {
      const name = String(key)
      const bare = name.replace(/^\+/, '')
      const isConfig = name.startsWith('+') || (bare !== next && isConfigKey(bare, resource) && !isDict(value))
      if (!isConfig && !isDict(value)) {
        throw mistaken(
          `${name} is no config of ${resource}.`,
          placeIn(file, level, name),
          suggest(name, knownKeys(resource), 'config'),
        )
      }
      if (isConfig) mergeSetting(settings, checked(bare, value, resource, placeIn(file, level, name)), value)
    }
    level = next === undefined ? undefined : level.get(next)
  }
  return settings
}

/** Config given in one place (a properties file, a call of `config()`), laid over what is there. */
export function mergeSettings(
  settings: Settings,
  given: Iterable<readonly [string, Value]>,
  resource: Resource,
  at: (key: string) => Place,
): void {
  for (const [key, value] of given) mergeSetting(settings, checked(key, value, resource, at(key)), value)
}

/** Tags add up, and so do groups of keys; anything else is replaced. */
function mergeSetting(settings: Settings, key: string, value: Value): void {
  const before = settings.get(key)
  if (key === 'tags') {
    const tags = [...tagList(before), ...tagList(value)]
    settings.set(key, [...new Set(tags)])
  } else if (before !== undefined && isDict(before) && isDict(value)) {
    settings.set(key, new Map([...before, ...value]))
  } else {
    settings.set(key, value)
  }
}

export function tagList(value: Value | undefined): string[] {
  if (value === undefined || value === null) return []
  return isList(value) ? value.map((tag) => String(plain(tag))) : [String(plain(value))]
}

function isConfigKey(key: string, resource: Resource): boolean {
  return knownKeys(resource).has(key) || refusedConfigKeys.has(key)
}

function knownKeys(resource: Resource): ReadonlySet<string> {
  if (resource === 'tests') return testConfigKeys
  return resource === 'sources' ? sourceConfigKeys : new Set([...modelConfigKeys, ...idleConfigKeys])
}

function checked(key: string, value: Value, resource: Resource, at: Place): string {
  const idle = value === null || (isList(value) && value.length === 0) || (isDict(value) && value.size === 0)
  if (!knownKeys(resource).has(key)) {
    if (refusedConfigKeys.has(key)) {
      if (idle) return key
      throw unsupported(`the config ${key}`, at)
    }
    throw mistaken(`${key} is no config of ${resource}.`, at, suggest(key, knownKeys(resource), 'config'))
  }
  if (idle) return key
  refuseValue(key, value, resource, at)
  return key
}

function refuseValue(key: string, value: Value, resource: Resource, at: Place): void {
  const oneOf = (names: readonly string[], what: string): void => {
    const name = text(value, at)
    if (!names.includes(name)) throw unsupported(`the ${what} ${name}`, at)
  }
  if (key === 'enabled' && typeof value !== 'boolean')
    throw mistaken('enabled must be true or false.', at, 'Write true or false.')
  if (resource === 'tests') {
    if ((key === 'store_failures' || key === 'store_failures_as') && truthy(value) && value !== 'ephemeral') {
      throw unsupported('store_failures', at)
    }
    if (key === 'severity' && !/^(error|warn)$/i.test(text(value, at))) {
      throw mistaken(`severity is error or warn, not ${text(value, at)}.`, at, 'Write error or warn.')
    }
    return
  }
  if (key === 'materialized' && resource === 'models') oneOf(materializations, 'materialization')
  if (key === 'incremental_strategy') oneOf([...incrementalStrategies, 'default'], 'incremental strategy')
  if (key === 'on_schema_change') oneOf(['ignore'], 'on_schema_change')
  if (key === 'contract' && isDict(value) && truthy(value.get('enforced') ?? null)) {
    throw unsupported('an enforced contract', at)
  }
}

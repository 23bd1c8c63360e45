import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Fault } from '#port'
import { contextNames } from './context.ts'
import { filesUnder, projectPath } from './files.ts'
import type { Macro } from './node.ts'
import type { Package } from './packages.ts'
import { mistaken, unsupported } from './place.ts'
import type { Project } from './project.ts'
import type { MacroDefinition } from './template.ts'
import { parseTemplate } from './template.ts'

/** dbt's own macros that dbt itself calls, and that a project may not replace here. */
const fixedMacros =
  /^(generate_database_name|is_incremental|create_table_as|create_view_as|get_where_subquery|get_test_sql|get_limit_subquery_sql|get_incremental_\w+_sql|get_merge_sql|get_delete_insert_merge_sql|(duckdb|default)__(create_\w+|get_\w+|load_csv_rows|drop_\w+|generate_\w+))$/

/** Every macro and `{% test %}` by name, a package's with the package and a dot in front; a test's name has `test_` before it. */
export function readMacros(project: Project, descriptions: ReadonlyMap<string, string>): ReadonlyMap<string, Macro> {
  const macros = new Map<string, Macro>()
  const add = (key: string, macro: Macro): void => {
    const before = macros.get(key)
    if (before !== undefined) {
      const first = before.definition.at
      const { at } = macro.definition
      throw mistaken(`The macro ${key} is also at ${first.file}:${first.line}.`, at, 'Rename one of them.')
    }
    macros.set(key, macro)
  }
  for (const path of macroFiles(project)) {
    const file = projectPath(project.folder, path)
    const source = readFileSync(path, 'utf8')
    for (const definition of definitionsIn(source, file)) {
      const { name, at } = definition
      if (contextNames.has(name) || fixedMacros.test(name)) throw unsupported(`a project's own ${name}`, at)
      const description = descriptions.get(name) ?? ''
      add(name, { ...macroOf(project.name, file, source, definition), description })
    }
  }
  for (const each of project.packages) {
    for (const path of macroFiles(each)) {
      const source = readFileSync(path, 'utf8')
      const file = projectPath(each.folder, path)
      for (const definition of packageDefinitions(source, projectPath(project.folder, path)))
        add(`${each.name}.${definition.name}`, macroOf(each.name, file, source, definition))
    }
  }
  return macros
}

function macroFiles({ macroFolders, testFolders }: Project | Package): readonly string[] {
  const folders = [...macroFolders, ...testFolders.map((folder) => join(folder, 'generic'))]
  return [...new Set(folders.flatMap((folder) => filesUnder(folder)))].filter((path) => path.endsWith('.sql'))
}

function definitionsIn(source: string, file: string, firstLine = 1): readonly MacroDefinition[] {
  return parseTemplate(source, file, firstLine).flatMap((statement) =>
    statement.kind === 'macro' ? [statement.macro] : [],
  )
}

/** A package is read for a few of its macros: what another one of them needs beyond the runner is refused when it is called. */
function packageDefinitions(source: string, file: string): readonly MacroDefinition[] {
  try {
    return definitionsIn(source, file)
  } catch (error) {
    if (!isRefusal(error)) throw error
  }
  const blank = source.replace(/\{#[\s\S]*?#\}/g, (comment) => comment.replace(/[^\n]/g, ' '))
  const blocks = blank.matchAll(/\{%-?\s*(macro|test)\s+(\w+)[\s\S]*?\{%-?\s*end\1\s*-?%\}/g)
  return [...blocks].flatMap(([text, kind, name = '']) => {
    const line = blank.slice(0, blank.indexOf(text)).split('\n').length
    try {
      return definitionsIn(text, file, line)
    } catch (error) {
      if (!isRefusal(error)) throw error
      return [refusedMacro(kind === 'test' ? `test_${name}` : name, error, { file, line })]
    }
  })
}

const isRefusal = (error: unknown): error is Fault => error instanceof Fault && error.code === 'model/unsupported'

function refusedMacro(name: string, fault: Fault, at: MacroDefinition['at']): MacroDefinition {
  const body = [{ kind: 'refused' as const, fault }]
  return { name, test: name.startsWith('test_'), parameters: [], body, takesMore: true, at }
}

function macroOf(owner: string, file: string, source: string, definition: MacroDefinition): Macro {
  const { name, test } = definition
  return {
    id: `macro.${owner}.${name}`,
    name,
    package: owner,
    file,
    source: macroSource(source, test ? name.replace(/^test_/, '') : name),
    definition,
    description: '',
  }
}

/** The macro's own text, from its opening tag to its closing one. */
function macroSource(source: string, name: string): string {
  const pattern = new RegExp(`\\{%-?\\s*(macro|test)\\s+${name}\\s*\\([\\s\\S]*?\\{%-?\\s*end\\1\\s*-?%\\}`)
  return pattern.exec(source)?.[0] ?? ''
}

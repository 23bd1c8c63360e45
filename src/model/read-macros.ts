import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { contextNames } from './context.ts'
import type { Macro } from './node.ts'
import { mistaken, unsupported } from './place.ts'
import type { Project } from './project.ts'
import { filesUnder, projectPath } from './project.ts'
import { parseTemplate } from './template.ts'

/** dbt's own macros that dbt itself calls, and that a project may not replace here. */
const fixedMacros =
  /^(generate_database_name|is_incremental|create_table_as|create_view_as|get_where_subquery|get_test_sql|get_limit_subquery_sql|get_incremental_\w+_sql|get_merge_sql|get_delete_insert_merge_sql|(duckdb|default)__(create_\w+|get_\w+|load_csv_rows|drop_\w+|generate_\w+))$/

/** Every macro and `{% test %}` of the project by name; a test's name has `test_` before it. */
export function readMacros(project: Project, descriptions: ReadonlyMap<string, string>): ReadonlyMap<string, Macro> {
  const macros = new Map<string, Macro>()
  const folders = [...project.macroFolders, ...project.testFolders.map((folder) => join(folder, 'generic'))]
  for (const path of new Set(folders.flatMap((folder) => filesUnder(folder)))) {
    if (!path.endsWith('.sql')) continue
    const file = projectPath(project.folder, path)
    const source = readFileSync(path, 'utf8')
    for (const statement of parseTemplate(source, file)) {
      if (statement.kind !== 'macro') continue
      const { name, at } = statement.macro
      const before = macros.get(name)
      if (before !== undefined) {
        const first = before.definition.at
        throw mistaken(`The macro ${name} is also at ${first.file}:${first.line}.`, at, 'Rename one of them.')
      }
      if (contextNames.has(name) || fixedMacros.test(name)) throw unsupported(`a project's own ${name}`, at)
      macros.set(name, {
        id: `macro.${project.name}.${name}`,
        name,
        file,
        source: macroSource(source, statement.macro.test ? name.replace(/^test_/, '') : name),
        definition: statement.macro,
        description: descriptions.get(name) ?? '',
      })
    }
  }
  return macros
}

/** The macro's own text, from its opening tag to its closing one. */
function macroSource(source: string, name: string): string {
  const pattern = new RegExp(`\\{%-?\\s*(macro|test)\\s+${name}\\s*\\([\\s\\S]*?\\{%-?\\s*end\\1\\s*-?%\\}`)
  return pattern.exec(source)?.[0] ?? ''
}

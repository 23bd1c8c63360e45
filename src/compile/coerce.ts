import type { ColumnSpec, ContractType } from '#contract'
import { Fault } from '#port'
import { storedType } from './column.ts'
import type { Dialect } from './dialect.ts'

/** What an expression gives, as far as it has to be known to cast it. */
export type Kind = 'text' | 'number' | 'boolean' | 'date' | 'timestamp' | 'null'

export function kindOfType(type: ContractType): Kind {
  if (type === 'integer' || type === 'long' || type === 'double') return 'number'
  if (type === 'boolean' || type === 'date' || type === 'timestamp') return type
  return 'text'
}

/** Whole numbers are doubles first, so that what is no number can be told from what is no whole one. */
export function isStaged({ type }: ColumnSpec): boolean {
  return type === 'integer' || type === 'long'
}

/** How a value becomes the column's type. */
export function coerce(
  value: string,
  stage: string,
  kind: Kind,
  spec: ColumnSpec,
  dialect: Dialect,
  place: string,
): { first: string; final: string } {
  const wanted = kindOfType(spec.type)
  if (kind !== 'null' && kind !== wanted && kind !== 'text')
    throw new Fault('contract/type', `${place} is a ${spec.type}, and its value is a ${kind}.`, {
      mend: wanted === 'text' ? 'Say with digits how the number is to be written.' : 'Change the type or the value.',
    })
  const typed = (made: string): string => dialect.cast(made, storedType(spec))
  switch (spec.type) {
    case 'integer':
    case 'long':
      return {
        first: dialect.cast(kind === 'text' ? dialect.number(value) : value, 'double'),
        final: dialect.whole(stage, spec.type),
      }
    case 'double':
      return { first: kind === 'text' ? dialect.number(value) : typed(value), final: '' }
    case 'boolean':
    case 'date':
    case 'timestamp':
      return { first: kind === 'text' ? dialect[spec.type](value) : typed(value), final: '' }
    default:
      return { first: kind === 'text' ? value : typed(value), final: '' }
  }
}

import type { Lineage, LineageImpact, LineageTrace } from '#api'

/** As `LakeOptions`, without a lake. */
export interface LineageRequest {
  readonly datasets: readonly string[]
  readonly models: readonly string[]
  readonly engine: { readonly memoryMb: number }
}

export interface LineageAsk extends LineageRequest {
  /** A column whose origins are asked for, or a table or column whose consequences are; neither: everything. */
  readonly of: { readonly column?: string | undefined; readonly impact?: string | undefined }
  /** How it is to be drawn or told to others; `undefined`: not at all. */
  readonly picture: LineagePicture | undefined
}

export type LineagePicture = 'mermaid' | 'svg' | 'openlineage'

export interface LineageAnswer {
  readonly whole?: Lineage
  readonly trace?: LineageTrace
  readonly impact?: LineageImpact
  readonly picture: string | null
}

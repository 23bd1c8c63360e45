export type { WarehouseEffects, WarehouseOptions } from './effects.ts'
export type { TableLoad, WarehouseLoad } from './load.ts'
export { loadWarehouse } from './load.ts'

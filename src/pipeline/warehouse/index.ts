export type { TableLoad, WarehouseLoad } from './load.ts'
export { loadWarehouse } from './load.ts'
export type { WarehouseEffects, WarehouseOptions } from './options.ts'

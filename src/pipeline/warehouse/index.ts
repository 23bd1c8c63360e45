export type { TableLoad, WarehouseEffects, WarehouseLoad, WarehouseOptions } from './load.ts'
export { loadWarehouse } from './load.ts'

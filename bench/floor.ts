/**
 * The floor under the main job: the same files read by plain DuckDB, the same points put into the same polygons, and nothing kept.
 * No Bronze, no contract, no commit, no test. Usage: node bench/floor.ts DIR
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { DuckDBInstance } from '@duckdb/node-api'
import { polygonIndex, topologyFeatures } from '#geo'

const folder = process.argv[2]
if (folder === undefined) throw new Error('Usage: node bench/floor.ts DIR')
const files = readdirSync(folder, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name))
  .sort()

const database = await (await DuckDBInstance.create(':memory:')).connect()
const located: [number, number][] = []
let rows = 0
for (const [i, file] of files.filter((name) => name.endsWith('.csv')).entries()) {
  await database.run(
    `create table t${i} as select * from read_csv('${file.replaceAll("'", "''")}', all_varchar = true)`,
  )
  rows += Number((await database.runAndReadAll(`select count(*) from t${i}`)).getRows()[0]?.[0])
  const names = (await database.runAndReadAll(`select * from t${i} limit 0`)).columnNames()
  const point = names.includes('LATITUDE')
    ? 'try_cast(LATITUDE as double), try_cast(LONGITUDE as double)'
    : names.includes('Location 1')
      ? `try_cast(regexp_extract("Location 1", '\\(([-0-9.]+), ([-0-9.]+)\\)', 1) as double), try_cast(regexp_extract("Location 1", '\\(([-0-9.]+), ([-0-9.]+)\\)', 2) as double)`
      : undefined
  if (point === undefined) continue
  for (const [latitude, longitude] of (await database.runAndReadAll(`select ${point} from t${i}`)).getRows()) {
    if (typeof latitude === 'number' && typeof longitude === 'number') located.push([longitude, latitude])
  }
}

let placed = 0
for (const file of files.filter((name) => /json(\.gz)?$/.test(name))) {
  const bytes = readFileSync(file)
  const json = JSON.parse((file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8'))
  const features = json.type === 'Topology' ? topologyFeatures(json) : json.features
  const index = polygonIndex(features.map((feature: { geometry: unknown }) => feature.geometry))
  for (const [longitude, latitude] of located) if (index.find(longitude, latitude) !== undefined) placed += 1
}
console.log(JSON.stringify({ files: files.length, rows, points: located.length, placed }))

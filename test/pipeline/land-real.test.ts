import assert from 'node:assert/strict'
import { test } from 'node:test'
import { datasets } from '#datasets'
import { landFiles } from '#pipeline'
import { folderFiles } from '../../src/platform/files.ts'
import { lander, listing, realData, rowsOf, textOf } from './land-fixture.ts'

const folder = realData()
const skip = folder === undefined ? 'no published files beside the checkout (FAIRLEAD_SHARED)' : false

const expected = {
  boundary: {
    'boundaries/School Districts.geojson.gz': { added: 33 },
    'boundaries/borough.topo.json': { added: 5 },
    'boundaries/nyc_census_tracts.geojson.gz': { added: 2327 },
    'boundaries/nyc_tracts.json': { added: 2167 },
  },
  demographics: { 'demographics/2014-19_Demographics.csv': { added: 8973 } },
  school_location: {
    'locations/2017_-_2018_School_Locations.csv': { added: 1823 },
    'locations/2019_School_Locations.csv': { added: 1941 },
  },
  school_survey: {
    'survey/2019_PublicDataFile_Students.csv': { added: 1829 },
    'survey/NYCPublicSchoolsAllDataLeadershipView22Nov2025_1763856012085.csv': { added: 2868 },
  },
  svi: { 'svi/2018/NewYork.csv': { added: 4906 }, 'svi/2022/NewYork.csv': { added: 5394 } },
}

test('the published files land with every record, and a second landing does nothing', {
  skip,
  timeout: 60_000,
}, async () => {
  const { store, effects } = lander()
  const files = await folderFiles(folder ?? '')
  const landing = await landFiles(files, datasets, effects)
  assert.deepEqual(landing, {
    datasets: expected,
    unmatched: ['boundaries/NTA2020.topo.json'],
    quarantinedFiles: [],
    faults: [],
  })
  const before = await listing(store)
  const again = await landFiles(files, datasets, lander(store).effects)
  assert.deepEqual(await listing(store), before)
  for (const sources of Object.values(again.datasets)) {
    for (const { added } of Object.values(sources)) assert.equal(added, 0)
  }

  const survey = (await rowsOf(store, 'bronze/school_survey')).map(({ value }) => JSON.parse(textOf(value) ?? ''))
  const first = survey.find((row) => row.DBN === '01M015')
  assert.equal(first['Total Parent \nResponse Rate %'], '91')
  assert.equal(first['Supportive Environment Score'], 'N/A')
  const dashboard = survey.find((row) => row.Name?.startsWith('01M034'))
  assert.deepEqual(
    [
      dashboard['Students / Academic Press'],
      dashboard['Teachers / Academic Press'],
      dashboard['Families / Strong Relationships'],
    ],
    ['62.0', '85.0', '100.0'],
  )
  const locations = (await rowsOf(store, 'bronze/school_location')).map(({ value }) => JSON.parse(textOf(value) ?? ''))
  const located = locations.find((row) => row['ATS SYSTEM CODE'] === '01M015      ')
  assert.equal(located['Location 1'], '333 EAST 4 STREET\nMANHATTAN, NY 10009\n(40.722075, -73.978747)')
  const svi = (await rowsOf(store, 'bronze/svi')).map(
    ({ value }) => Object.keys(JSON.parse(textOf(value) ?? '')).length,
  )
  assert.equal(svi.filter((columns) => columns === 158).length, 5394)
  assert.equal(svi.filter((columns) => columns === 124).length, 4906)
})

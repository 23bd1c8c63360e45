import type { Contract, say } from '#contract'

/** The messages of the Kafka benchmark, as somebody who keeps them would declare them: every field typed, and each event once. */
export default (_words: typeof say): Contract => ({
  name: 'sensor_event',
  title: 'Sensor events, made for measuring',
  about: 'Readings of sensors in schools, sent again where a sender is not sure. Made up: nobody measured them.',
  grain: 'one event',
  publisher: 'Fairlead',
  licence: 'MIT',
  attribution: 'Made by the benchmark',
  url: 'https://kafka.apache.org',
  simulated: true,
  stream: { topic: process.env.FAIRLEAD_BENCH_TOPIC ?? 'events', partitions: 3 },
  files: [],
  encodings: ['utf-8'],
  missing: [],
  layouts: [
    { name: 'event', about: 'One reading.', format: 'message', requires: ['event_id', 'school', 'metric', 'value'] },
  ],
  columns: {
    event_id: {
      ...{ type: 'string', about: 'Identity of the event; the same event sent again has the same', unit: 'id' },
      ...{ from: ['event_id'], required: { rule: 'no_event_id', severity: 'reject' } },
    },
    school: { type: 'string', about: 'School', unit: 'code', from: ['school'] },
    metric: { type: 'string', about: 'What was measured', unit: 'name', from: ['metric'] },
    value: { type: 'double', about: 'The reading', unit: 'as the metric says', from: ['value'] },
    produced_ms: { type: 'long', about: 'When it was sent', unit: 'milliseconds since 1970', from: ['produced_ms'] },
    sensor: { type: 'string', about: 'What measured', unit: 'name', from: ['source'] },
    note: { type: 'string', about: 'Remark', unit: 'text', from: ['note'] },
  },
  key: ['event_id'],
  rules: [],
})

/** What the live page is made of: of each table only these columns are read. */
export const liveColumns = {
  'gold.live_response': [
    ...['dbn', 'borough', 'school_year', 'last_event_ts'],
    ...['student_invited', 'student_responded', 'teacher_invited', 'teacher_responded'],
    ...['parent_invited', 'parent_responded'],
  ],
  'gold.live_curve': ['bucket_at', 'borough', 'respondent', 'events', 'invited', 'responded'],
  'gold.school_climate_snapshot': [
    ...['dbn', 'school_year', 'student_response_rate', 'teacher_response_rate', 'parent_response_rate'],
  ],
  'silver.survey_live': [
    ...['event_id', 'partition', 'offset', 'dbn', 'respondent', 'invited', 'responded', 'event_at'],
  ],
  'silver.ledger': [...['dataset', 'rule', 'landed', 'silver', 'quarantined', 'duplicates', 'superseded']],
  'silver.quarantine': ['dataset', 'rule', 'partition', 'offset', 'received', 'message'],
} as const satisfies Readonly<Record<string, readonly string[]>>

export type LiveTable = keyof typeof liveColumns

import type { Options, Spec } from './spec.ts'

/** What `fairlead.yaml` may say. Memory and time are bounded by default, so that one query cannot take the machine down. */
export const fairleadSpec = {
  lake: {
    kind: 'folder',
    about: 'Folder of the lake, or gs://bucket/prefix, or s3://bucket/prefix',
    default: './.fairlead',
  },
  port: {
    kind: 'integer',
    about: 'Port of the dashboard on 127.0.0.1; 0 takes any free one',
    default: 4000,
    min: 0,
    max: 65_535,
  },
  datasets: {
    kind: 'folders',
    about: 'Folders with dataset files of your own, besides the built-in ones',
    default: [],
  },
  models: {
    kind: 'folders',
    about: 'Folders with dbt models of your own, built and tested with the built-in ones',
    default: [],
  },
  dbt: {
    kind: 'folder',
    about: 'Program of dbt for run --engine dbt; by default what doctor --fix dbt installed, else dbt on the PATH',
    optional: true,
  },
  engine: {
    memoryMb: {
      kind: 'integer',
      about: 'Memory that a run may use for SQL, in megabytes; beyond it, it spills to disk',
      default: 2048,
      min: 128,
      max: 4_194_304,
    },
  },
  topics: {
    log: {
      kind: 'folder',
      about: 'Folder of the log of topics; by default it stands beside the lake, with -log after its name',
      optional: true,
    },
    keepHours: {
      kind: 'integer',
      about: 'How long records are kept that every known lake has landed, in hours; others are kept longer',
      default: 168,
      min: 1,
      max: 876_000,
    },
    maxMb: {
      kind: 'integer',
      about: 'Most that the log may hold, in megabytes; beyond it the oldest records go, landed ones first',
      default: 4096,
      min: 16,
      max: 4_194_304,
    },
  },
  kafka: {
    brokers: {
      kind: 'texts',
      about: 'Kafka brokers to begin with, as host:port; given, topics stand there and not in the log of topics',
      default: [],
    },
    replication: {
      kind: 'integer',
      about: 'Copies that Kafka keeps of a topic made here; -1 is what the brokers have as their default',
      default: -1,
      min: -1,
      max: 1000,
    },
    sessionMs: {
      kind: 'integer',
      about:
        'Silence after which a consumer counts as dead and others take its partitions, in milliseconds; brokers have bounds of their own',
      default: 10_000,
      min: 1_000,
      max: 600_000,
    },
    tls: { kind: 'boolean', about: 'Speak TLS with the brokers', default: false },
    ca: { kind: 'folder', about: 'File of the authority that signed the brokers’ certificates, PEM', optional: true },
    cert: { kind: 'folder', about: 'File of the certificate by which brokers know this client, PEM', optional: true },
    key: { kind: 'folder', about: 'File of that certificate’s key, PEM', optional: true },
    keyPassword: { kind: 'secret', about: 'Password of the key', optional: true },
    mechanism: {
      kind: 'text',
      about: 'How to sign in: PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 or OAUTHBEARER',
      optional: true,
    },
    username: { kind: 'text', about: 'Who signs in, with PLAIN or SCRAM', optional: true },
    password: { kind: 'secret', about: 'Password of that user', optional: true },
    token: { kind: 'secret', about: 'Token for OAUTHBEARER', optional: true },
    tokenFile: {
      kind: 'folder',
      about: 'File of the token for OAUTHBEARER, read at each sign-in, because tokens grow old',
      optional: true,
    },
  },
  snowflake: {
    account: {
      kind: 'text',
      about: 'Snowflake account that tables are loaded into, as organisation-account',
      optional: true,
    },
    url: {
      kind: 'text',
      about: 'Address of Snowflake where it is not the account’s own, as a private link has it',
      optional: true,
    },
    user: { kind: 'text', about: 'Who signs in at Snowflake', optional: true },
    database: { kind: 'text', about: 'Database in Snowflake', default: 'SCHOOL_CLIMATE' },
    warehouse: { kind: 'text', about: 'Warehouse that runs the statements', default: 'PIPELINE_WH' },
    role: { kind: 'text', about: 'Role that loads and builds', default: 'PIPELINE_ROLE' },
    readerRole: { kind: 'text', about: 'Role that reads Gold', default: 'BI_ROLE' },
    stage: {
      kind: 'text',
      about:
        'Stage in that database over the lake’s own bucket, as BRONZE.LAKE; given, Snowflake reads the lake’s files where they lie, and otherwise they are sent',
      optional: true,
    },
    privateKey: { kind: 'secret', about: 'Private key of a key pair, PEM; signs in by key', optional: true },
    keyPassword: { kind: 'secret', about: 'Password of that key', optional: true },
    token: { kind: 'secret', about: 'OAuth token; signs in by token', optional: true },
    password: { kind: 'secret', about: 'Password of that user; signs in by password', optional: true },
  },
  stream: {
    cadenceMs: {
      kind: 'integer',
      about: 'Least time between two live publications, in milliseconds',
      default: 1000,
      min: 100,
      max: 86_400_000,
    },
    flushMs: {
      kind: 'integer',
      about:
        'Longest that a record waits for the commit that lands it, in milliseconds; each live publication asks for one before',
      default: 1000,
      min: 1,
      max: 3_600_000,
    },
    maintainEveryMs: {
      kind: 'integer',
      about: 'Time between two looks at whether tables need checkpoints, compaction or clean-up, in milliseconds',
      default: 5000,
      min: 100,
      max: 86_400_000,
    },
    flushMb: { kind: 'integer', about: 'Most that one commit lands, in megabytes', default: 16, min: 1, max: 1024 },
    memoryMb: {
      kind: 'integer',
      about: 'Resident memory of the process above which what was read is committed at once, in megabytes',
      default: 1024,
      min: 128,
      max: 4_194_304,
    },
  },
  query: {
    memoryMb: { kind: 'integer', about: 'Memory for one query, in megabytes', default: 1024, min: 64, max: 4_194_304 },
    timeoutMs: {
      kind: 'integer',
      about: 'Longest time for one query, in milliseconds',
      default: 30_000,
      min: 1,
      max: 86_400_000,
    },
    maxRows: {
      kind: 'integer',
      about: 'Most rows that one query answers',
      default: 1_000_000,
      min: 1,
      max: 100_000_000,
    },
  },
} as const satisfies Spec

export type FairleadOptions = Options<typeof fairleadSpec>

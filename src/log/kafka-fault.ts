import type { Topic } from '#port'
import { Fault } from '#port'

/** What was being asked when something went wrong: `reading survey, partition 2`. */
export interface Asked {
  /** The log's name. */
  readonly log: string
  readonly what: string
  /** For machines. */
  readonly facts?: Fault['facts']
}

/** Protocol errors that pass by themselves: a leader or coordinator moves, a broker starts, a replica lags, a quota is used up. */
const weather = new Set([
  ...['UNKNOWN_SERVER_ERROR', 'UNKNOWN_TOPIC_OR_PARTITION', 'UNKNOWN_TOPIC_ID', 'INCONSISTENT_TOPIC_ID'],
  ...['LEADER_NOT_AVAILABLE', 'NOT_LEADER_OR_FOLLOWER', 'BROKER_NOT_AVAILABLE', 'REPLICA_NOT_AVAILABLE'],
  ...['FENCED_LEADER_EPOCH', 'UNKNOWN_LEADER_EPOCH', 'OFFSET_NOT_AVAILABLE', 'PREFERRED_LEADER_NOT_AVAILABLE'],
  ...['ELIGIBLE_LEADERS_NOT_AVAILABLE', 'NEW_LEADER_ELECTED', 'LISTENER_NOT_FOUND', 'NOT_CONTROLLER'],
  ...['REQUEST_TIMED_OUT', 'NETWORK_EXCEPTION', 'NOT_ENOUGH_REPLICAS', 'NOT_ENOUGH_REPLICAS_AFTER_APPEND'],
  ...['COORDINATOR_LOAD_IN_PROGRESS', 'COORDINATOR_NOT_AVAILABLE', 'NOT_COORDINATOR', 'CONCURRENT_TRANSACTIONS'],
  ...['TRANSACTION_COORDINATOR_FENCED', 'TRANSACTION_ABORTABLE', 'INVALID_TXN_STATE', 'UNSTABLE_OFFSET_COMMIT'],
  ...['INVALID_PRODUCER_EPOCH', 'PRODUCER_FENCED', 'INVALID_PRODUCER_ID_MAPPING', 'UNKNOWN_PRODUCER_ID'],
  ...['OUT_OF_ORDER_SEQUENCE_NUMBER', 'DUPLICATE_SEQUENCE_NUMBER', 'OPERATION_NOT_ATTEMPTED'],
  ...['REBALANCE_IN_PROGRESS', 'ILLEGAL_GENERATION', 'UNKNOWN_MEMBER_ID', 'MEMBER_ID_REQUIRED'],
  ...['KAFKA_STORAGE_ERROR', 'LOG_DIR_NOT_FOUND', 'THROTTLING_QUOTA_EXCEEDED', 'REASSIGNMENT_IN_PROGRESS'],
  ...['FETCH_SESSION_ID_NOT_FOUND', 'INVALID_FETCH_SESSION_EPOCH', 'FETCH_SESSION_TOPIC_ID_ERROR'],
])

const permission = /AUTHORIZATION_FAILED|SASL|SECURITY_DISABLED|DELEGATION_TOKEN|PRINCIPAL|CREDENTIAL/
const tooLarge = new Set(['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE'])

/** The peer's certificate is not to be trusted, or the two do not speak the same TLS. */
const tlsCode = /CERT|SIGN|UNABLE_TO|ISSUER|ERR_TLS|ERR_SSL|ERR_OSSL|EPROTO|HOSTNAME_MISMATCH/

/** As a Fault, whatever went wrong in a request: `log/refused`, `log/too-large`, `log/damaged`, or `log/unreachable` for weather. What is ours to mend passes through. */
export function faultOf(error: unknown, asked: Asked): Fault {
  if (error instanceof Fault) return error
  const found = signsOf(error)
  if (found.protocol !== undefined) return protocolFault(found.protocol, asked, error)
  const tls = found.codes.find((code) => tlsCode.test(code))
  if (tls !== undefined) return refusedTls(tls, asked, error)
  if (found.codes.includes('PLT_KFK_AUTHENTICATION')) return protocolFault('SASL_AUTHENTICATION_FAILED', asked, error)
  if (found.needsTls) return refusedTls('TLS_REQUIRED', asked, error)
  if (found.codes.includes('PLT_KFK_USER')) return refused('CLIENT_OPTIONS', asked, error)
  if (found.codes.length === 0) return refused('ANSWER_NOT_UNDERSTOOD', asked, error)
  return unreachable(found.codes.find((code) => !code.startsWith('PLT_')) ?? 'NO_ANSWER', asked, error)
}

export function protocolFault(name: string, asked: Asked, cause?: unknown): Fault {
  if (weather.has(name)) return unreachable(name, asked, cause)
  if (tooLarge.has(name)) {
    return new Fault('log/too-large', `${asked.log} takes no records of this size: ${asked.what}.`, {
      mend: 'Raise max.message.bytes of the topic (and what the brokers allow), or send smaller records.',
      ...{ cause, facts: { ...asked.facts, error: name } },
    })
  }
  if (name === 'CORRUPT_MESSAGE') return damaged('the broker says that its copy is corrupt', asked)
  return refused(name, asked, cause)
}

/** The protocol's name for an error code; a code that the library does not know keeps its number. */
export function errorName(names: Readonly<Record<number, string>>, code: number): string {
  return code === -1 ? 'UNKNOWN_SERVER_ERROR' : (names[code] ?? `ERROR_${code}`)
}

/** The name of the protocol's error that a fault came of; undefined where it came of none. */
export function errorOf(fault: Fault): string | undefined {
  return typeof fault.facts.error === 'string' ? fault.facts.error : undefined
}

export function unreachable(name: string, { log, what, facts }: Asked, cause?: unknown): Fault {
  return new Fault('log/unreachable', `${log} did not answer: ${what} (${name}).`, {
    mend: 'See whether the brokers run and kafka.brokers names them. A broker that asks for TLS or a user closes connections without: set kafka.tls and kafka.mechanism.',
    ...{ retry: true, cause, facts: { ...facts, error: name } },
  })
}

function refused(name: string, { log, what, facts }: Asked, cause: unknown): Fault {
  return new Fault('log/refused', `${log} refused: ${what} (${name}).`, {
    mend: permission.test(name)
      ? 'See whether kafka.mechanism and kafka.username are right, FAIRLEAD_KAFKA_PASSWORD or FAIRLEAD_KAFKA_TOKEN is set, and the user may do this.'
      : 'The request itself is what the brokers do not take: see their log, and whether they are of version 3.5 or newer.',
    ...{ cause, facts: { ...facts, error: name } },
  })
}

function refusedTls(name: string, { log, what, facts }: Asked, cause: unknown): Fault {
  return new Fault('log/refused', `${log} and Fairlead do not agree on TLS: ${what} (${name}).`, {
    mend: 'See whether kafka.tls is as the brokers have it, kafka.ca holds the authority that signed their certificate, the certificate names the host in kafka.brokers, and kafka.cert and kafka.key are set where the brokers ask for a certificate.',
    ...{ cause, facts: { ...facts, error: name } },
  })
}

export function damaged(why: string, { log, what, facts }: Asked): Fault {
  return new Fault('log/damaged', `What ${log} answered is damaged, ${what}: ${why}.`, {
    mend: 'Nothing of it was taken. Try again; where it stays so, the brokers’ copy is damaged: restore it from another replica.',
    facts: { ...facts },
  })
}

export function diverged(
  log: string,
  { name }: Topic,
  partition: number,
  offset: number,
  facts: Fault['facts'] = {},
): Fault {
  return new Fault(
    'log/diverged',
    `What stands before offset ${offset} of ${name}, partition ${partition} in ${log} is no longer what was read: a broker that lacked the newest records became its leader.`,
    {
      mend: 'Records that were read are gone from the topic, and others may stand in their place. Make the topic anew, so that it has another id, and send its records again.',
      facts: { topic: name, partition, offset, ...facts },
    },
  )
}

interface Signs {
  /** Name of the first protocol error that is one. */
  protocol: string | undefined
  readonly codes: string[]
  needsTls: boolean
}

/** What the chain of errors says, from the outside in. */
function signsOf(error: unknown): Signs {
  const signs: Signs = { protocol: undefined, codes: [], needsTls: false }
  const seen = new Set<unknown>()
  const visit = (at: unknown): void => {
    if (typeof at !== 'object' || at === null || seen.has(at)) return
    seen.add(at)
    const { apiId, code, message, cause, errors } = at as Record<string, unknown>
    if (typeof apiId === 'string') signs.protocol ??= apiId
    if (typeof code === 'string') signs.codes.push(code)
    if (message === 'Broker requires TLS.') signs.needsTls = true
    if (Array.isArray(errors)) for (const each of errors) visit(each)
    visit(cause)
  }
  visit(error)
  return signs
}

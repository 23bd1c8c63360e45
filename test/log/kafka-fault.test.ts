import assert from 'node:assert/strict'
import { test } from 'node:test'
import { faultOf, protocolFault } from '../../src/log/kafka-fault.ts'
import { loadKafka } from '../../src/log/kafka-library.ts'

const { module } = await loadKafka()
const asked = { log: 'kafka://broker:9092', what: 'reading t', facts: { topic: 't' } }

test('every error of the protocol ends as a named fault that says which it was', () => {
  for (const [code, name] of Object.entries(module.protocolErrorsCodesById)) {
    if (name === 'NONE') continue
    const thrown = new module.ResponseError(1, 13, { '/': [Number(code), 'words of the broker'] }, {})
    const fault = faultOf(thrown, asked)
    assert.match(fault.code, /^log\/(unreachable|refused|too-large|damaged)$/, name)
    assert.equal(fault.retry, fault.code === 'log/unreachable', name)
    assert.notEqual(fault.mend, '')
    assert.equal(fault.facts.topic, 't')
    assert.doesNotMatch(fault.message + fault.mend, /words of the broker/)
  }
})

test('weather may be tried again; what a person must mend is not', () => {
  const weather = ['NOT_LEADER_OR_FOLLOWER', 'COORDINATOR_LOAD_IN_PROGRESS', 'REQUEST_TIMED_OUT', 'NOT_ENOUGH_REPLICAS']
  for (const name of weather) assert.equal(protocolFault(name, asked).code, 'log/unreachable', name)
  const refusals = [
    'TOPIC_AUTHORIZATION_FAILED',
    'SASL_AUTHENTICATION_FAILED',
    'UNSUPPORTED_VERSION',
    'POLICY_VIOLATION',
  ]
  for (const name of refusals) assert.equal(protocolFault(name, asked).code, 'log/refused', name)
  assert.equal(protocolFault('MESSAGE_TOO_LARGE', asked).code, 'log/too-large')
  assert.equal(protocolFault('ERROR_999', asked).code, 'log/refused')
})

test('silence, a wrong certificate, a broker that asks for TLS and an answer that nobody understands are told apart', () => {
  const silence = new module.NetworkError('Connection closed')
  assert.equal(faultOf(silence, asked).code, 'log/unreachable')
  const refusedPort = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' })
  assert.equal(faultOf(new module.NetworkError('failed', { cause: refusedPort }), asked).facts.error, 'ECONNREFUSED')
  for (const code of ['SELF_SIGNED_CERT_IN_CHAIN', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'ERR_TLS_CERT_ALTNAME_INVALID']) {
    const cause = Object.assign(new Error('tls'), { code })
    const fault = faultOf(new module.NetworkError('failed', { cause }), asked)
    assert.deepEqual([fault.code, fault.retry, fault.facts.error], ['log/refused', false, code])
  }
  assert.equal(faultOf(new module.UserError('Broker requires TLS.'), asked).facts.error, 'TLS_REQUIRED')
  assert.equal(faultOf(new module.AuthenticationError('no'), asked).code, 'log/refused')
  assert.equal(faultOf(new TypeError('Cannot destructure'), asked).facts.error, 'ANSWER_NOT_UNDERSTOOD')
})

// Claims: a request of the protocol gets a verdict; anything else gets an error from the table and never a verdict; and
// neither an answer nor a log line holds the password, whatever the request.
import { VERDICTS_PATH } from '@sixtybits/protocol'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { createGate, createLogger } from '../src/index.js'
import { STRONG, verdictRequest, WEAK } from './request.js'

const lines: string[] = []
const gate = createGate({
  logger: createLogger({ write: (line) => lines.push(line) }),
  newId: () => 'an-id',
  version: '1.2',
})
afterAll(() => gate.close())

const post = (payload: object | string, contentType = 'application/json') =>
  gate.inject({ method: 'POST', url: VERDICTS_PATH, headers: { 'content-type': contentType }, payload })

describe('a verdict', () => {
  test('accepts a strong password', async () => {
    const response = await post(verdictRequest())
    expect(response.statusCode).toBe(200)
    expect(response.headers['cache-control']).toBe('no-store')
    expect(response.json()).toEqual({
      verdict: 'accept',
      id: 'an-id',
      bits: 95.2, // 16 × log2 62 = 95.27, cut
      requiredBits: 60,
      code: 'accepted',
      message: 'password for role "alice" is accepted',
      detail: 'Estimated at 95.2 bits of entropy; 60 are required.',
      hint: null,
    })
  })

  test('refuses a weak one with reason and remedy', async () => {
    const verdict = (await post(verdictRequest({ password: WEAK }))).json()
    expect(verdict).toMatchObject({
      verdict: 'refuse',
      code: 'too_weak',
      message: 'password for role "alice" is too weak',
      detail: expect.stringContaining('Weakest part: a common word followed by a year.'),
      hint: 'Generate one with: sixtybits generate',
    })
  })

  test.each(['role', 'database', 'cluster'] as const)('knows the name of the %s', async (field) => {
    const name = 'zqxw_kvjbp_gfhty'
    const password = `${name}1`
    expect((await post(verdictRequest({ password }))).json().verdict).toBe('accept')
    expect((await post(verdictRequest({ password, [field]: name }))).json().verdict).toBe('refuse')
  })

  test.each([
    ['', 'empty'],
    ['x'.repeat(1025), 'too_long'],
    [`${STRONG}\t`, 'control_character'],
  ])('refuses %j by name', async (password, code) => {
    expect((await post(verdictRequest({ password }))).json()).toMatchObject({ verdict: 'refuse', code, bits: 0 })
  })

  test.each(['md5', 'scram-sha-256'] as const)('on a %s hash: only if unchanged', async (passwordType) => {
    const refused = (await post(verdictRequest({ passwordType }))).json()
    expect(refused).toMatchObject({ verdict: 'refuse', code: 'attestation_missing', bits: null })
    const accepted = (await post(verdictRequest({ passwordType, unchanged: true }))).json()
    expect(accepted).toMatchObject({ verdict: 'accept', code: 'unchanged', bits: null })
  })

  test('judges plaintext that claims to be unchanged', async () => {
    const verdict = (await post(verdictRequest({ password: WEAK, unchanged: true }))).json()
    expect(verdict.verdict).toBe('refuse')
  })

  test.each(['infinity', '-infinity', '2027-01-01T00:00:00Z'])('takes VALID UNTIL %s', async (validUntil) => {
    expect((await post(verdictRequest({ validUntil }))).statusCode).toBe(200)
  })

  test('is logged once, bits cut to a whole one', async () => {
    lines.length = 0
    await post(verdictRequest())
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { level: 30, msg: 'decision', id: 'an-id', cluster: 'prod-eu-1', role: 'alice', code: 'accepted', bits: 95 },
    ])
  })
})

describe('no verdict', () => {
  const { password: _, ...withoutPassword } = verdictRequest()
  const wrong = (fields: object) => ({ ...verdictRequest(), ...fields })
  test.each<[string, object | string, string | null]>([
    ['a field missing', withoutPassword, "/ must have required property 'password'"],
    ['a field too many', wrong({ extra: 1 }), '/ must NOT have additional properties'],
    ['another version', wrong({ version: 2 }), '/version must be equal to constant'],
    ['a number for a password', wrong({ password: 12345678 }), '/password must be string'],
    ['a string for a boolean', wrong({ unchanged: 'true' }), '/unchanged must be boolean'],
    ['null for a role', wrong({ role: null }), '/role must be string'],
    ['an empty role', wrong({ role: '' }), '/role must NOT have fewer than 1 characters'],
    [
      'another password type',
      wrong({ passwordType: 'bcrypt' }),
      '/passwordType must be equal to one of the allowed values',
    ],
    ['a local time', wrong({ validUntil: '2027-01-01 00:00:00' }), expect.stringMatching(/^\/validUntil must match/)],
    ['an actor without fields', wrong({ actor: {} }), "/actor must have required property 'sessionUser'"],
    ['an array', [verdictRequest()], '/ must be object'],
    ['no JSON', `{"password":"${STRONG}"`, null],
    ['a prototype', `{"__proto__":{"password":"${STRONG}"}}`, null],
    ['nothing', '', null],
  ])('for %s: 400 and the field', async (_name, payload, detail) => {
    const response = await post(payload)
    expect(response.statusCode).toBe(400)
    expect(response.json()).toEqual({
      code: 'bad_request',
      message: 'the request does not follow the protocol',
      detail,
    })
  })

  test('for more than 64 KiB: 413', async () => {
    const response = await post(verdictRequest({ password: 'x'.repeat(65_536) }))
    expect(response.json()).toMatchObject({ code: 'body_too_large' })
    expect(response.statusCode).toBe(413)
  })

  test.each(['text/plain', 'application/x-www-form-urlencoded'])('for %s: 415', async (contentType) => {
    const response = await post(JSON.stringify(verdictRequest()), contentType)
    expect(response.json()).toMatchObject({ code: 'unsupported_media_type' })
    expect(response.statusCode).toBe(415)
  })

  test.each([
    ['GET', VERDICTS_PATH],
    ['POST', '/'],
    ['POST', `/${STRONG}`],
  ] as const)('for %s %s: 404', async (method, url) => {
    const response = await gate.inject({ method, url })
    expect(response.json()).toEqual({ code: 'not_found', message: 'there is nothing at this path', detail: null })
    expect(response.statusCode).toBe(404)
  })

  test('for a URL that cannot be decoded: 400 without the URL', async () => {
    const response = await gate.inject({ method: 'POST', url: `/%zz${STRONG}` })
    expect(response.statusCode).toBe(400)
    expect(response.json()).toEqual({
      code: 'bad_request',
      message: 'the request does not follow the protocol',
      detail: null,
    })
  })

  test('for a defect of ours: 500, and the log says where but not what', async () => {
    const broken = createGate({
      logger: createLogger({ write: (line) => lines.push(line) }),
      newId: () => {
        throw new TypeError(`cannot use ${STRONG}\n    at ${STRONG}`)
      },
    })
    lines.length = 0
    const response = await broken.inject({ method: 'POST', url: VERDICTS_PATH, payload: verdictRequest() })
    await broken.close()
    expect(response.statusCode).toBe(500)
    expect(response.json()).toEqual({ code: 'internal', message: 'the gate failed to judge', detail: null })
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      msg: 'error',
      errorName: 'TypeError',
      stack: expect.stringMatching(/gate\.test\.ts/),
    })
    expect(lines.join() + response.body).not.toContain(STRONG)
  })
})

test('GET /healthz answers with the version', async () => {
  expect((await gate.inject('/healthz')).json()).toEqual({ status: 'ok', version: '1.2' })
})

test('a logger drops what is no field of a log line', () => {
  lines.length = 0
  const fields = { role: 'alice', password: STRONG, request: { body: STRONG } }
  createLogger({ write: (line) => lines.push(line) }).log('decision', fields)
  expect(Object.keys(JSON.parse(lines[0] ?? '')).sort()).toEqual(['level', 'msg', 'role', 'time'])
})

test('no answer and no log line holds a password, in a good request or a mangled one', async () => {
  // Letters that no text of ours is written in: any trace of them is a leak.
  const password = fc.string({ unit: fc.constantFrom(...'жщъыэюяЖЩЪ'), minLength: 1, maxLength: 40 })
  const mangle = fc.constantFrom<(request: object, password: string) => object | string>(
    (request) => request,
    (request) => JSON.stringify(request).slice(0, -3),
    (request) => `${JSON.stringify(request)}x`,
    (request, text) => ({ ...request, [text]: text }),
    (request, text) => ({ ...request, passwordType: text }),
    (request, text) => ({ ...request, password: [text] }),
    (request, text) => ({ ...request, version: text }),
    (request, text) => ({ ...request, actor: { [text]: text } }),
  )
  lines.length = 0
  await fc.assert(
    fc.asyncProperty(password, mangle, async (text, mangled) => {
      const response = await post(mangled(verdictRequest({ password: text }), text))
      expect(response.body).not.toMatch(/\p{Script=Cyrillic}/u)
    }),
    { numRuns: process.env.SLOW ? 5000 : 300 },
  )
  expect(lines.length).toBeGreaterThan(0)
  expect(lines.join('')).not.toMatch(/\p{Script=Cyrillic}/u)
})

// Claims: unless a complete, well-formed accept was read in time, no role gets its password: the statement fails with
// 58000 (57014 if cancelled), the backend lives on, its descriptors are all closed, and the log holds no password.
import { readdirSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Client, DatabaseError } from 'pg'
import { describe, expect, test } from 'vitest'
import { answers } from '../src/gate.js'
import { ACCEPT, httpAnswer, withFakeGate } from './fake-gate.js'
import { errorOf, login, strong, useCluster, verifierOf, WEAK } from './fixture.js'

const fixture = useCluster({ 'sixtybits.timeout': '400ms' }, { gate: false })

const CANARY = 'Canary7mZq9TkW2vX4bN' // strong: what is at fault is never the password
const UNCHECKED = {
  code: '58000',
  hint: 'Check that sixtybits-gate runs and that sixtybits.socket names its socket, then try again.',
}

async function expectUnchecked(role: string, detail: string | RegExp): Promise<void> {
  const { dba } = fixture()
  const error = await errorOf(dba, `CREATE ROLE ${role} LOGIN PASSWORD '${CANARY}'`)
  expect(error).toMatchObject({
    ...UNCHECKED,
    message: `could not check the password for role "${role}"`,
    detail: expect.stringMatching(detail),
  })
  expect(await verifierOf(dba, role)).toBeUndefined()
  expect((await dba.query('SELECT 1 AS alive')).rows).toEqual([{ alive: 1 }])
}

const ok = (body: object | string) => httpAnswer(typeof body === 'string' ? body : JSON.stringify(body))
const whole = ok(ACCEPT)
const accept = JSON.stringify(ACCEPT)

/** Answers at once and hangs up. */
const answer = (text: string | Buffer) => (socket: Socket) => void socket.end(text)
/** Answers and keeps the connection. */
const answerAndHold = (text: string | Buffer) => (socket: Socket) => void socket.write(text)

describe('what is no answer of a gate', () => {
  const NOT_A_GATE = /is not a sixtybits gate\.$/
  test.each<[string, (socket: Socket) => void, RegExp]>([
    ['nothing, held', () => undefined, /did not answer within 400 ms\.$/],
    ['nothing, closed', (socket) => socket.end(), /closed the connection without an answer\.$/],
    ['500', answer(httpAnswer('{}', '500 Internal Server Error')), /answered with HTTP status 500\.$/],
    ['404 with an accept', answer(httpAnswer(accept, '404 Not Found')), /answered with HTTP status 404\.$/],
    ['302 with an accept', answer(httpAnswer(accept, '302 Found')), /answered with HTTP status 302\.$/],
    ['garbage', answer(Buffer.from(Array.from({ length: 999 }, (_, i) => (i * 7919) % 256))), NOT_A_GATE],
    ['garbage, held', answerAndHold('\0'.repeat(999)), /did not answer within 400 ms\.$/],
    ['half a header', answer(whole.slice(0, 30)), NOT_A_GATE],
    ['a header and no body', answer(whole.slice(0, whole.indexOf('{'))), NOT_A_GATE],
    ['half a body', answer(whole.slice(0, -20)), NOT_A_GATE],
    ['half a body, held', answerAndHold(whole.slice(0, -20)), /did not answer within 400 ms\.$/],
    ['all but the last byte, held', answerAndHold(whole.slice(0, -1)), /did not answer within 400 ms\.$/],
    ['two answers', answer(whole + whole), NOT_A_GATE],
    ['HTTP/1.0', answer(whole.replace('HTTP/1.1', 'HTTP/1.0')), NOT_A_GATE],
    ['chunks', answer(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n`), NOT_A_GATE],
    ['chunks and a length', answer(whole.replace('\r\n\r\n', '\r\nTransfer-Encoding: chunked\r\n\r\n')), NOT_A_GATE],
    ['no length', answer(`HTTP/1.1 200 OK\r\n\r\n${accept}`), NOT_A_GATE],
    ['two lengths', answer(whole.replace('\r\n\r\n', '\r\nContent-Length: 5\r\n\r\n')), NOT_A_GATE],
    ['a negative length', answer(whole.replace(/Length: \d+/, 'Length: -1')), NOT_A_GATE],
    ['a length past any bound', answer(whole.replace(/Length: \d+/, `Length: ${'9'.repeat(40)}`)), NOT_A_GATE],
    ['64 KiB of header', answer(whole.replace('\r\n', `\r\nX: ${'x'.repeat(65_536)}\r\n`)), NOT_A_GATE],
    ['64 KiB of body', answer(ok({ ...ACCEPT, detail: 'x'.repeat(65_536) })), NOT_A_GATE],
    ['an empty body', answer(ok('')), NOT_A_GATE],
    ['JSON that is no object', answer(ok('"accept"')), NOT_A_GATE],
    ['JSON and more', answer(ok(`${accept} {}`)), NOT_A_GATE],
    ['no verdict', answer(ok({ ...ACCEPT, verdict: undefined })), NOT_A_GATE],
    ['an unknown verdict', answer(ok({ ...ACCEPT, verdict: 'accepted' })), NOT_A_GATE],
    ['a verdict that is no string', answer(ok({ ...ACCEPT, verdict: true })), NOT_A_GATE],
    ['two verdicts', answer(ok(accept.replace('{', '{"verdict":"refuse",'))), NOT_A_GATE],
    ['no message', answer(ok({ ...ACCEPT, message: undefined })), NOT_A_GATE],
    ['a nested object', answer(ok({ ...ACCEPT, detail: { verdict: 'accept' } })), NOT_A_GATE],
    ['deep nesting', answer(ok(`{"x":${'['.repeat(30_000)}`)), NOT_A_GATE],
    ['an unknown escape', answer(ok(accept.replace('fine', '\\x'))), NOT_A_GATE],
    ['a lone surrogate', answer(ok(accept.replace('fine', '\\ud800'))), NOT_A_GATE],
    ['a raw line break in a string', answer(ok(accept.replace('fine', '\n'))), NOT_A_GATE],
    ['UTF-8 that is none', answer(Buffer.from(whole.replace('fine', 'f\xffne'), 'latin1')), NOT_A_GATE],
    ['an overlong UTF-8 form', answer(Buffer.from(whole.replace('fine', 'f\xc0\xae'), 'latin1')), NOT_A_GATE],
    ['a trailing comma', answer(ok(accept.replace('}', ',}'))), NOT_A_GATE],
  ])('%s', async (name, serve, detail) => {
    const role = `"${name}"`
    await withFakeGate(fixture(), serve, async () => {
      const { dba } = fixture()
      const error = await errorOf(dba, `CREATE ROLE ${role} LOGIN PASSWORD '${CANARY}'`)
      expect(error).toMatchObject({ ...UNCHECKED, detail: expect.stringMatching(detail) })
      expect(await verifierOf(dba, name)).toBeUndefined()
    })
  })

  test('an accept that comes a byte at a time, too slowly', async () => {
    const drip = async (socket: Socket) => {
      for (const byte of Buffer.from(whole)) {
        if (socket.destroyed) return
        socket.write(Buffer.of(byte))
        await sleep(20)
      }
    }
    await withFakeGate(fixture(), drip, () => expectUnchecked('dripped', /did not answer within 400 ms\.$/))
  })
})

describe('what is an answer', () => {
  test.each<[string, (socket: Socket) => void]>([
    ['an accept', answer(whole)],
    ['an accept on a kept connection', answerAndHold(whole)],
    ['an accept with other headers and cases', answer(whole.replace('Content-Length', 'X: y\r\ncontent-LENGTH'))],
    ['an accept with a member of a newer gate', answer(ok({ ...ACCEPT, policy: 'p', future: 1.5e-3 }))],
    ['an accept with white space', answer(ok(JSON.stringify(ACCEPT, null, '\t')))],
    [
      'an accept in two parts',
      async (socket) => {
        socket.write(whole.slice(0, 50))
        await sleep(50)
        socket.end(whole.slice(50))
      },
    ],
  ])('%s', async (name, serve) => {
    await withFakeGate(fixture(), serve, async () => {
      await fixture().dba.query(`CREATE ROLE "${name}" LOGIN PASSWORD '${CANARY}'`)
    })
    expect(await login(fixture().cluster, name, CANARY)).toBe(name)
  })

  test('a refusal whose texts are hostile is shown on one line and cut', async () => {
    const message = `%n%s line\r\nbreak \u001b[31m\u0000 \u2028 ${'é'.repeat(2000)}`
    const refusal = ok({ ...ACCEPT, verdict: 'refuse', message, detail: 'd\n'.repeat(5000), hint: null })
    await withFakeGate(fixture(), answer(refusal), async () => {
      const error = await errorOf(fixture().dba, `CREATE ROLE hostile LOGIN PASSWORD '${CANARY}'`)
      expect(error.code).toBe('22023')
      expect(error.message).toMatch(/^%n%s line {2}break {2}\[31m {4}é+$/)
      expect(Buffer.byteLength(error.message)).toBeLessThan(1024)
      expect(Buffer.byteLength(error.detail ?? '')).toBeLessThan(1024)
      expect(error.hint).toBeUndefined()
    })
  })
})

describe('no gate', () => {
  test('no socket', async () => {
    await withFakeGate(
      fixture(),
      () => undefined,
      async () => undefined,
    ) // leaves nothing there
    await expectUnchecked('absent', /Could not connect to the gate at ".+gate\.sock": No such file or directory\.$/)
  })

  test('the socket of a gate that was killed', async () => {
    const gate = await fixture().startGate()
    await gate.stop('SIGKILL')
    await expectUnchecked('refused', /Connection refused\.$/)
  })

  test('a gate that is stopped in mid-life, its backlog full; and it going on', async () => {
    const { dba, workplace, startGate } = fixture()
    const gate = await startGate()
    gate.child.kill('SIGSTOP')
    const waiting = Array.from({ length: 600 }, () => connect(workplace.socketPath).on('error', () => undefined))
    try {
      await expectUnchecked('backlogged', /did not answer within 400 ms\.$/)
    } finally {
      for (const socket of waiting) socket.destroy()
      gate.child.kill('SIGCONT')
    }
    while (!(await answers(workplace.socketPath))) await sleep(20)
    await dba.query(`CREATE ROLE after_backlog LOGIN PASSWORD '${CANARY}'`)
    expect(await errorOf(dba, `ALTER ROLE after_backlog PASSWORD '${WEAK}'`)).toMatchObject({ code: '22023' })
    await gate.stop()
  })
})

describe('a hung gate', () => {
  const hang = () => undefined

  /** The process of a session. */
  const pidOf = async (client: Client) => (await client.query('SELECT pg_backend_pid() AS pid')).rows[0].pid

  const inFlight = async (dba: Client, pid: number) => {
    const waits = "SELECT 1 FROM pg_stat_activity WHERE pid = $1 AND wait_event_type = 'Extension'"
    while ((await dba.query(waits, [pid])).rowCount === 0) await sleep(5)
  }

  const slowly = async (body: (client: Client) => Promise<void>) => {
    const { cluster } = fixture()
    await cluster.configure('sixtybits.timeout', '20s')
    const client = await cluster.connect()
    try {
      await withFakeGate(fixture(), hang, () => body(client))
    } finally {
      await client.end().catch(() => undefined)
      await cluster.configure('sixtybits.timeout', '400ms')
    }
  }

  test('is left at statement_timeout', () =>
    slowly(async (client) => {
      await client.query('SET statement_timeout = 300')
      const startMs = performance.now()
      expect(await errorOf(client, `CREATE ROLE timed LOGIN PASSWORD '${CANARY}'`)).toMatchObject({ code: '57014' })
      expect(performance.now() - startMs).toBeLessThan(10_000) // half of sixtybits.timeout: it did not end by that
      expect(await verifierOf(client, 'timed')).toBeUndefined()
    }))

  test('is left at pg_cancel_backend, also from PL/pgSQL', () =>
    slowly(async (client) => {
      const { dba } = fixture()
      const pid = await pidOf(client)
      for (const sql of [
        `CREATE ROLE cancelled LOGIN PASSWORD '${CANARY}'`,
        `DO $do$ BEGIN EXECUTE 'CREATE ROLE cancelled LOGIN PASSWORD ''${CANARY}'''; END $do$`,
      ]) {
        const failed = errorOf(client, sql)
        await inFlight(dba, pid)
        await dba.query('SELECT pg_cancel_backend($1)', [pid])
        expect(await failed).toMatchObject({ code: '57014' })
        expect(await verifierOf(client, 'cancelled')).toBeUndefined()
      }
    }))

  test('does not keep a backend from being terminated', () =>
    slowly(async (client) => {
      const { dba } = fixture()
      const pid = await pidOf(client)
      const failed = client.query("CREATE ROLE terminated LOGIN PASSWORD 'not the canary'").catch((error) => error)
      await inFlight(dba, pid)
      await dba.query('SELECT pg_terminate_backend($1)', [pid])
      expect(await failed).toMatchObject({ code: '57P01' })
      expect(await verifierOf(dba, 'terminated')).toBeUndefined()
    }))
})

test('no descriptor is leaked by 150 failing calls, a third of them cancelled', async () => {
  const { cluster } = fixture()
  await cluster.configure('sixtybits.timeout', '20ms')
  const client = await cluster.connect()
  const { rows } = await client.query('SELECT pg_backend_pid() AS pid')
  const descriptors = () => readdirSync(`/proc/${rows[0].pid}/fd`).length
  const attempt = () =>
    client
      .query(`CREATE ROLE leaky LOGIN PASSWORD '${CANARY}'`)
      .catch((error) => expect(error).toBeInstanceOf(DatabaseError))
  try {
    await attempt()
    const before = descriptors()
    for (let i = 0; i < 50; i++) await attempt() // no socket
    await withFakeGate(
      fixture(),
      () => undefined,
      async () => {
        for (let i = 0; i < 50; i++) await attempt() // timed out
        await client.query('SET statement_timeout = 5')
        for (let i = 0; i < 50; i++) await attempt() // cancelled
      },
    )
    await client.query('SET statement_timeout = 0')
    expect(descriptors()).toBe(before)
  } finally {
    await client.end()
    await cluster.configure('sixtybits.timeout', '400ms')
  }
})

test('no password of a failed call is in the log', () => {
  const log = fixture().cluster.log()
  expect(log).toContain('could not check the password')
  expect(log).toContain('canceling statement due to statement timeout')
  expect(log).toContain('canceling statement due to user request')
  expect(log).not.toContain(CANARY)
  expect(log).not.toContain(WEAK)
})

describe('settings', () => {
  test('warn reports what enforce would refuse and takes it; off says nothing', async () => {
    const { cluster } = fixture()
    const noticesOf = async (mode: string, sql: string) => {
      await cluster.configure('sixtybits.mode', mode)
      const client = await cluster.connect()
      const notices: (string | undefined)[] = []
      client.on('notice', ({ severity, code, message }) => notices.push(`${severity} ${code} ${message}`))
      await client.query(sql)
      await client.end()
      return notices
    }
    try {
      expect(await noticesOf('warn', `CREATE ROLE warned LOGIN PASSWORD '${WEAK}'`)).toEqual([
        'WARNING 58000 could not check the password for role "warned"',
      ])
      const gate = await fixture().startGate()
      expect(await noticesOf('warn', `ALTER ROLE warned PASSWORD '${WEAK}'`)).toEqual([
        'WARNING 22023 password for role "warned" is too weak',
      ])
      expect(await noticesOf('off', `ALTER ROLE warned PASSWORD '${WEAK}'`)).toEqual([])
      await gate.stop()
      expect(await login(cluster, 'warned', WEAK)).toBe('warned')
    } finally {
      await cluster.configure('sixtybits.mode', 'enforce')
    }
    expect(cluster.log()).not.toContain(WEAK)
  })

  test.each(['socket', 'cluster', 'mode', 'timeout'])(
    'nobody changes sixtybits.%s for a session or a role',
    async (name) => {
      const { cluster, dba } = fixture()
      const value = name === 'mode' ? 'off' : name === 'timeout' ? '1ms' : '/tmp/x'
      const refused = { code: '55P02' } // cant_change_runtime_param
      await expect(dba.query(`SET sixtybits.${name} = '${value}'`)).rejects.toMatchObject(refused)
      await expect(dba.query(`ALTER ROLE postgres SET sixtybits.${name} = '${value}'`)).rejects.toMatchObject(refused)
      await expect(cluster.connect({ options: `-c sixtybits.${name}=${value}` })).rejects.toMatchObject(refused)
    },
  )

  test.each([
    ['a relative path', 'gate.sock', 'absolute'],
    ['a path of 108 bytes', `/${'x'.repeat(107)}`, 'at most 107 bytes'],
  ])('sixtybits.socket refuses %s', async (_name, path, detail) => {
    const { dba } = fixture()
    const error = await errorOf(dba, `ALTER SYSTEM SET sixtybits.socket = '${path}'`)
    expect(error).toMatchObject({ code: '22023', detail: expect.stringContaining(detail) })
  })

  test('a strong password is taken once a gate runs again', async () => {
    const { cluster, dba, startGate } = fixture()
    const gate = await startGate()
    const password = strong()
    await dba.query(`CREATE ROLE recovered LOGIN PASSWORD '${password}'`)
    expect(await login(cluster, 'recovered', password)).toBe('recovered')
    await gate.stop()
  })
})

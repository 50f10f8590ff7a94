// Claims: the socket is 0660 from its first moment, in a directory that only its group can enter; the socket of a dead
// gate is replaced, that of a live one never; what has arrived is answered before the gate stops.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { VERDICTS_PATH } from '@sixtybits/protocol'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createGate, listenOnSocket } from '../src/index.js'
import { STRONG, verdictRequest, WEAK } from './request.js'

const main = new URL('../dist/main.js', import.meta.url).pathname

let directory: string
let socketPath: string
const running = new Set<Run>()

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'gate-'))
  socketPath = join(directory, 'run', 'gate.sock')
})

afterEach(async () => {
  for (const run of running) run.child.kill('SIGKILL')
  await Promise.all([...running].map((run) => run.exit))
  running.clear()
  rmSync(directory, { recursive: true })
})

interface Run {
  readonly child: ChildProcess
  readonly exit: Promise<number | null>
  stdout: string
  stderr: string
}

function start(...args: string[]): Run {
  const child = spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  const run: Run = { child, exit: once(child, 'close').then(([code]) => code), stdout: '', stderr: '' }
  child.stdout.on('data', (chunk) => (run.stdout += chunk))
  child.stderr.on('data', (chunk) => (run.stderr += chunk))
  running.add(run)
  return run
}

/** Starts a gate and waits until it says that it listens. */
async function listening(...args: string[]): Promise<Run> {
  const run = start('--socket', socketPath, ...args)
  while (!run.stdout.includes('"msg":"listening"')) {
    if (run.child.exitCode !== null) throw new Error(`the gate stopped: ${run.stderr}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  return run
}

function ask(password: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json' }
    httpRequest({ socketPath, path: VERDICTS_PATH, method: 'POST', headers }, (response) => resolve(text(response)))
      .once('error', reject)
      .end(JSON.stringify(verdictRequest({ password })))
  })
}

async function text(response: IncomingMessage): Promise<string> {
  let body = ''
  for await (const chunk of response) body += chunk
  return body
}

const mode = (path: string) => statSync(path).mode & 0o7777

describe('the socket', () => {
  test('is 0660 in a directory of 0750 that the gate makes, and answers', async () => {
    await listening()
    expect(mode(socketPath)).toBe(0o660)
    expect(mode(join(directory, 'run'))).toBe(0o750)
    expect(JSON.parse(await ask(WEAK))).toMatchObject({ verdict: 'refuse' })
    for (const name of readdirSync(join(directory, 'run'))) expect(mode(join(directory, 'run', name))).toBe(0o660)
  })

  test('of a gate that was killed is replaced', async () => {
    const dead = await listening()
    dead.child.kill('SIGKILL')
    await dead.exit
    expect(existsSync(socketPath)).toBe(true)
    await listening()
    expect(JSON.parse(await ask(WEAK))).toMatchObject({ verdict: 'refuse' })
  })

  test('of a live gate is not replaced, and the live one goes on', async () => {
    await listening()
    const { ino } = statSync(socketPath)
    const second = start('--socket', socketPath)
    expect(await second.exit).toBe(3)
    expect(second.stderr).toBe(
      `sixtybits-gate: another gate listens on ${socketPath}\nhint: stop it, or give another --socket\n`,
    )
    expect(statSync(socketPath).ino).toBe(ino)
    expect(JSON.parse(await ask(WEAK))).toMatchObject({ verdict: 'refuse' })
  })

  test('of a hung gate counts as live', async () => {
    const hung = await listening()
    hung.child.kill('SIGSTOP')
    expect(await start('--socket', socketPath).exit).toBe(3)
    hung.child.kill('SIGCONT')
    expect(JSON.parse(await ask(WEAK))).toMatchObject({ verdict: 'refuse' })
  })

  test('goes to exactly one of several gates that start at once over a stale one', async () => {
    const dead = await listening()
    dead.child.kill('SIGKILL')
    await dead.exit
    const gates = Array.from({ length: 4 }, () => start('--socket', socketPath))
    const settled = () => gates.filter((gate) => gate.child.exitCode !== null || gate.stdout.includes('"listening"'))
    while (settled().length < gates.length) await new Promise((resolve) => setTimeout(resolve, 20))
    expect(gates.filter((gate) => gate.stdout.includes('"listening"'))).toHaveLength(1)
    expect(JSON.parse(await ask(WEAK))).toMatchObject({ verdict: 'refuse' })
    const winner = gates.find((gate) => gate.stdout.includes('"listening"'))
    winner?.child.kill('SIGTERM')
    expect(await winner?.exit).toBe(0)
    expect(existsSync(socketPath)).toBe(false) // it was the winner that answered
  })
})

test('of gates that reach for the path in the same moment, one gets it', async () => {
  const umask = process.umask()
  for (let round = 0; round < 5; round++) {
    const gates = Array.from({ length: 4 }, () => createGate())
    await Promise.all(gates.map((gate) => gate.ready())) // so that nothing but the path is left to do
    const outcomes = await Promise.allSettled(gates.map((gate) => listenOnSocket(gate, socketPath)))
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected', 'rejected', 'rejected'])
    for (const outcome of outcomes) if (outcome.status === 'fulfilled') await outcome.value()
    await Promise.all(gates.map((gate) => gate.close()))
  }
  process.umask(umask) // four at once in one process, which no gate does, mix it up
})

describe('refuses to listen, with exit code 3 and a remedy,', () => {
  test.each([0o755, 0o770, 0o777])('in a directory of mode %o', async (directoryMode) => {
    mkdirSync(join(directory, 'run'))
    chmodSync(join(directory, 'run'), directoryMode)
    const run = start('--socket', socketPath)
    expect(await run.exit).toBe(3)
    expect(run.stderr).toContain(`hint: close it: chmod 0750 ${join(directory, 'run')}`)
    expect(existsSync(socketPath)).toBe(false)
  })

  test('where a file is that is no socket', async () => {
    mkdirSync(join(directory, 'run'), { mode: 0o750 })
    writeFileSync(socketPath, 'precious')
    const run = start('--socket', socketPath)
    expect(await run.exit).toBe(3)
    expect(run.stderr).toContain('is not a socket')
    expect(statSync(socketPath).size).toBe(8)
  })

  test.each([
    ['a relative path', 'gate.sock', 'not absolute'],
    ['a path too long', `/tmp/${'x'.repeat(110)}`, 'too long'],
    ['a directory that cannot be made', '/nonexistent/deeper/gate.sock', 'install -d -m 0750 /nonexistent/deeper'],
  ])('at %s', async (_name, path, message) => {
    const run = start('--socket', path)
    expect(await run.exit).toBe(3)
    expect(run.stderr).toContain(message)
  })
})

describe('stopping', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)('on %s removes the socket and exits 0', async (signal) => {
    const run = await listening()
    run.child.kill(signal)
    expect(await run.exit).toBe(0)
    expect(readdirSync(join(directory, 'run'))).toEqual([])
    expect(
      run.stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).msg),
    ).toEqual(['listening', 'stopping', 'stopped'])
  })

  test('answers a request whose body is still on its way', async () => {
    const run = await listening()
    const body = JSON.stringify(verdictRequest({ password: WEAK }))
    const socket = connect(socketPath)
    let answer = ''
    socket.on('data', (chunk) => (answer += chunk))
    const head = `POST ${VERDICTS_PATH} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nConnection: close\r\n`
    socket.write(`${head}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body.slice(0, 10)}`)
    await new Promise((resolve) => setTimeout(resolve, 100)) // until the gate has begun to read
    run.child.kill('SIGTERM')
    while (!run.stdout.includes('"stopping"')) await new Promise((resolve) => setTimeout(resolve, 5))
    socket.write(body.slice(10))
    await once(socket, 'close')
    expect(answer).toMatch(/^HTTP\/1\.1 200 /)
    expect(answer).toContain('"verdict":"refuse"')
    expect(await run.exit).toBe(0)
  })

  test('is not held up by a client that says nothing', async () => {
    const run = await listening()
    const silent = connect(socketPath)
    await once(silent, 'connect')
    run.child.kill('SIGTERM')
    expect(await run.exit).toBe(0)
  })
})

test('a request that is no HTTP gets an error of the table and none of its own bytes', async () => {
  await listening()
  const socket = connect(socketPath)
  let answer = ''
  socket.on('data', (chunk) => (answer += chunk))
  socket.write(`${STRONG} ${STRONG}\r\n\r\n`)
  await once(socket, 'close')
  expect(answer).toMatch(/^HTTP\/1\.1 400 [\s\S]+"code":"bad_request"/)
  expect(answer).not.toContain(STRONG)
})

test('a gate whose log nobody reads any more goes on judging', async () => {
  const run = await listening()
  run.child.stdout?.destroy()
  for (let i = 0; i < 3; i++) expect(JSON.parse(await ask(WEAK))).toMatchObject({ verdict: 'refuse' })
  expect(run.stderr).toBe('sixtybits-gate: nobody reads the log any more; going on without\n')
})

test('a request whose client has hung up is not judged', async () => {
  const run = await listening()
  // A long one keeps the gate busy while the next arrives and its client leaves.
  const busy = ask(Array.from({ length: 1024 }, (_, i) => String.fromCharCode(33 + ((i * 7919) % 94))).join(''))
  const body = JSON.stringify(verdictRequest({ role: 'left', password: WEAK }))
  for (let i = 0; i < 5; i++) {
    const socket = connect(socketPath)
    const head = `POST ${VERDICTS_PATH} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n`
    socket.write(`${head}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`, () => socket.destroy())
  }
  await busy
  expect(JSON.parse(await ask(WEAK))).toMatchObject({ verdict: 'refuse' })
  expect(run.stdout).not.toContain('"role":"left"')
})

describe('the command line', () => {
  test('--help ends in an example', async () => {
    const run = start('--help')
    expect(await run.exit).toBe(0)
    expect(run.stdout).toMatch(/Example:\n {2}mkdir .* sixtybits-gate --socket .*\n$/)
  })

  test.each([[['--nonsense']], [['extra']], [['--min-bits', 'many']], [['--min-bits', '-1']]])(
    '%j is wrong usage',
    async (args) => {
      const run = start(...args)
      expect(await run.exit).toBe(2)
      expect(run.stderr).toMatch(/^sixtybits-gate: /)
    },
  )

  test('--min-bits moves the bar', async () => {
    await listening('--min-bits', '20')
    expect(JSON.parse(await ask(WEAK))).toMatchObject({ verdict: 'accept', requiredBits: 20 })
  })
})

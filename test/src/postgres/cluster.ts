import { spawn } from 'node:child_process'
import { appendFileSync, chmodSync, chownSync, cpSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client, type ClientConfig } from 'pg'
import { stopProcess, untilReady } from '../process.js'
import { run, tryRun } from '../run.js'
import type { Installation } from './installation.js'
import { type Identity, serverIdentity } from './user.js'

const RELOAD_TIMEOUT_MS = 30_000

export interface ClusterOptions {
  readonly installation: Installation
  /** Existing directory, empty, that the server's user can enter. */
  readonly directory: string
  /** sixtybits.so */
  readonly library: string
  /** Lines of postgresql.conf by name. */
  readonly settings: Readonly<Record<string, string>>
  /** Survives this process. */
  readonly detached?: boolean
}

/** A throw-away PostgreSQL with the module preloaded. */
export interface Cluster {
  readonly pid: number
  readonly port: number
  /** Directory of the server's Unix socket. */
  readonly host: string
  readonly logPath: string
  /** The bootstrap superuser over the Unix socket; `config` overrides. */
  connect(config?: ClientConfig): Promise<Client>
  /** Changes a setting as ALTER SYSTEM does and returns when new sessions have it. `value` is as SHOW shows it. */
  configure(name: string, value: string): Promise<void>
  log(): string
  stop(): Promise<void>
}

/** Initialises and starts a server. As root it runs as another user. @throws {Error} with the log if it does not start. */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const { directory, library, settings, detached = false } = options
  const identity = serverIdentity()
  const bin = readableBy(identity, options.installation.bin, directory)
  const host = join(directory, 'run')
  const data = join(directory, 'data')
  const logPath = join(directory, 'postgres.log')
  const port = await freePort()
  for (const path of [host, data]) {
    mkdirSync(path, { mode: 0o700 })
    if ('uid' in identity) chownSync(path, identity.uid, identity.gid)
  }

  const environment = { PATH: process.env.PATH ?? '', LC_ALL: 'C', TZ: 'UTC' }
  const inServer = { ...identity, env: environment, cwd: directory }
  const initdb = ['-D', data, '-U', 'postgres', '-E', 'UTF8', '--locale=C', '--no-sync']
  run(join(bin, 'initdb'), [...initdb, '--auth-local=trust', '--auth-host=scram-sha-256'], inServer)
  const lines = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: host,
    shared_preload_libraries: library,
    fsync: 'off', // nothing here outlives the run
    max_prepared_transactions: '10',
    ...settings,
  }
  const quote = (value: string) => `'${value.replaceAll("'", "''")}'`
  appendFileSync(
    join(data, 'postgresql.conf'),
    Object.entries(lines)
      .map(([name, value]) => `${name} = ${quote(value)}\n`)
      .join(''),
  )

  const logFile = openSync(logPath, 'a', 0o600)
  const server = spawn(join(bin, 'postgres'), ['-D', data], {
    ...inServer,
    detached,
    stdio: ['ignore', logFile, logFile],
  })
  server.on('error', () => undefined) // it never ran: untilReady tells
  const connect = async (config: ClientConfig = {}) => {
    const client = new Client({ host, port, user: 'postgres', database: 'postgres', ...config })
    client.on('error', () => undefined) // the server may end it; the query that waits is told
    await client.connect()
    return client
  }
  await untilReady(server, 'PostgreSQL', logPath, async () => {
    const client = await connect().catch(() => null)
    await client?.end()
    return client !== null
  })
  if (detached) server.unref()

  return {
    pid: server.pid ?? 0,
    port,
    host,
    logPath,
    connect,
    configure: (name, value) => configure(connect, name, value),
    log: () => readFileSync(logPath, 'utf8'),
    stop: () => stopProcess(server, 'SIGINT'), // fast shutdown
  }
}

/** The binaries as that user can run them: copied, where they lie in a home that it cannot enter. */
function readableBy(identity: Identity, bin: string, directory: string): string {
  if (tryRun(join(bin, 'postgres'), ['--version'], { ...identity, cwd: '/' }) !== null) return bin
  const copy = join(directory, 'postgresql')
  cpSync(dirname(bin), copy, { recursive: true, verbatimSymlinks: true })
  chmodSync(copy, 0o755)
  return join(copy, 'bin')
}

async function configure(connect: () => Promise<Client>, name: string, value: string): Promise<void> {
  const client = await connect()
  await client.query(`ALTER SYSTEM SET ${name} = ${client.escapeLiteral(value)}`)
  await client.query('SELECT pg_reload_conf()')
  await client.end()
  // The postmaster reads the file when it gets to it; only sessions that start after that are sure to have the value.
  for (const deadlineMs = Date.now() + RELOAD_TIMEOUT_MS; Date.now() < deadlineMs; await sleep(20)) {
    const fresh = await connect()
    const { rows } = await fresh.query('SELECT current_setting($1) AS value', [name])
    await fresh.end()
    if (rows[0]?.value === value) return
  }
  throw new Error(`${name} did not become ${value}: give the value as SHOW shows it`)
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() =>
        address && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port')),
      )
    })
  })
}

import { generate } from '@sixtybits/entropy'
import { type Client, DatabaseError } from 'pg'
import { afterAll, beforeAll, expect, inject } from 'vitest'
import { type GateProcess, startGate } from '../src/gate.js'
import { type Cluster, startCluster } from '../src/postgres/cluster.js'
import { createWorkplace, type Workplace } from '../src/workplace.js'

export const WEAK = 'Summer2026!'
export const strong = (): string => generate().password

export interface Fixture {
  readonly workplace: Workplace
  readonly cluster: Cluster
  /** A superuser's session. */
  readonly dba: Client
  gate: GateProcess | null
  startGate(): Promise<GateProcess>
}

/** A PostgreSQL of this file's own with the module preloaded, and a gate beside it unless `gate` is false. */
export function useCluster(settings: Readonly<Record<string, string>> = {}, { gate = true } = {}): () => Fixture {
  let fixture: Fixture | undefined
  const cleanUps: (() => unknown)[] = [] // what has started is stopped, also if what follows it does not start
  beforeAll(async () => {
    const workplace = createWorkplace()
    cleanUps.push(() => workplace.remove())
    const cluster = await startCluster({
      installation: inject('installation'),
      directory: workplace.directory,
      library: inject('library'),
      settings: {
        'sixtybits.socket': workplace.socketPath,
        'sixtybits.timeout': '5s',
        log_min_error_statement: 'debug5', // a WARNING of ours must hide the statement too
        ...settings,
      },
    })
    cleanUps.push(() => cluster.stop())
    const startOwn = () => startGate(workplace.socketPath, `${workplace.directory}/gate.log`)
    const dba = await cluster.connect()
    cleanUps.push(() => dba.end())
    fixture = { workplace, cluster, dba, gate: gate ? await startOwn() : null, startGate: startOwn }
    cleanUps.push(() => fixture?.gate?.stop())
  })
  afterAll(async () => {
    for (const cleanUp of cleanUps.reverse()) await cleanUp()
  })
  return () => {
    if (!fixture) throw new Error('the cluster is there only within a test')
    return fixture
  }
}

/** The error that the statements end in. Fails if they succeed. */
export async function errorOf(client: Client, sql: string): Promise<DatabaseError> {
  const error = await client.query(sql).then(
    () => expect.unreachable('the statement succeeded'),
    (reason: unknown) => reason,
  )
  if (!(error instanceof DatabaseError)) throw error
  return error
}

/** The stored verifier of a role: null if it has none, undefined if there is no such role. */
export async function verifierOf(client: Client, role: string): Promise<string | null | undefined> {
  const { rows } = await client.query('SELECT rolpassword FROM pg_authid WHERE rolname = $1', [role])
  return rows[0]?.rolpassword
}

/** Logs in over TCP with SCRAM-SHA-256 and says as whom. */
export async function login(cluster: Cluster, user: string, password: string): Promise<string> {
  const client = await cluster.connect({ host: '127.0.0.1', user, password })
  const { rows } = await client.query('SELECT current_user')
  await client.end()
  return rows[0].current_user
}

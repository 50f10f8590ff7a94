import { existsSync, readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { MissingError, run, tryRun } from '../run.js'
import { availableMajors, type BuildTools, fetchBuildTools } from './build-tools.js'

/** A PostgreSQL server to run and what builds a module for it. */
export interface Installation {
  /** As `postgres --version` says it, "15.18". */
  readonly version: string
  readonly bin: string
  readonly tools: BuildTools
  /** Where both come from, in words. */
  readonly origin: string
}

type Report = (line: string) => void

const MAJORS = [18, 17, 16, 15, 14]
/** Majors whose server is an npm dependency of this package (linux-x64): those that Debian 12 and 13 have headers for. */
const EMBEDDED_MAJORS = [17, 15]

/**
 * Finds, in this order: a system server that modules can be built for; one whose build tools can be fetched; the server
 * from npm, likewise. PG_CONFIG, as PGXS has it, names one, and no other will do.
 * @throws {MissingError} with the line that installs what is missing.
 */
export function findInstallation(report: Report = () => undefined): Installation {
  if (tryRun('cc', ['--version']) === null) {
    throw new MissingError('there is no C compiler', 'sudo apt-get install -y gcc libc6-dev')
  }
  const servers = systemServers()
  for (const { major, bin, pgConfig } of servers) {
    const tools = systemBuildTools(pgConfig)
    if (tools) return { version: serverVersion(bin), bin, tools, origin: `system server ${major} with its headers` }
  }
  const named = process.env.PG_CONFIG
  if (named) {
    throw new MissingError(
      `${named}, which PG_CONFIG names, has no server with initdb, headers and PGXS beside it, or there is no make`,
      'unset PG_CONFIG # or install what it lacks',
    )
  }
  const system = servers[0]
  const embedded = EMBEDDED_MAJORS.flatMap(embeddedServer)
  if (system || embedded.length > 0) {
    report('fetching PostgreSQL headers from the Debian archive (without root, into .cache)')
    const majors = availableMajors()
    const server = [...servers, ...embedded].find(({ major }) => majors.has(major))
    if (server) {
      const tools = fetchBuildTools(server.major)
      const kind = servers.includes(server) ? `system server ${server.major}` : `server ${server.major} from npm`
      const origin = `${kind}, headers from the Debian archive`
      return { version: serverVersion(server.bin), bin: server.bin, tools, origin }
    }
  }
  const major = system?.major ?? 15
  throw new MissingError(
    system ? `there are no headers for PostgreSQL ${major}` : 'there is no PostgreSQL server',
    `sudo apt-get install -y postgresql-${major} postgresql-server-dev-${major} make`,
  )
}

interface Server {
  readonly major: number
  readonly bin: string
  readonly pgConfig: string
}

function serverVersion(bin: string): string {
  return /\d+\.\d+/.exec(run(join(bin, 'postgres'), ['--version']))?.[0] ?? 'unknown'
}

function systemServers(): Server[] {
  const named = process.env.PG_CONFIG
  if (named) return serverIn(tryRun(named, ['--bindir']), named)
  const list = (directory: string) => (existsSync(directory) ? readdirSync(directory) : [])
  const bins = [
    ...list('/usr/lib/postgresql').map((name) => `/usr/lib/postgresql/${name}/bin`), // Debian
    ...MAJORS.map((major) => `/usr/pgsql-${major}/bin`), // PGDG's RPMs
    tryRun('pg_config', ['--bindir']),
  ]
  return bins.flatMap((bin) => serverIn(bin)).sort((a, b) => b.major - a.major)
}

function serverIn(bin: string | null, pgConfig = join(bin ?? '', 'pg_config')): Server[] {
  if (bin === null || !existsSync(join(bin, 'initdb'))) return []
  const major = Number(/\d+/.exec(tryRun(join(bin, 'postgres'), ['--version']) ?? '')?.[0])
  return MAJORS.includes(major) ? [{ major, bin, pgConfig }] : []
}

function systemBuildTools(pgConfig: string): BuildTools | null {
  const headers = tryRun(pgConfig, ['--includedir-server'])
  const pgxs = tryRun(pgConfig, ['--pgxs'])
  const complete = headers !== null && pgxs !== null && existsSync(join(headers, 'postgres.h')) && existsSync(pgxs)
  return complete && tryRun('make', ['--version']) !== null ? { pgConfig, make: 'make' } : null
}

function embeddedServer(major: number): Server[] {
  try {
    const entry = createRequire(import.meta.url).resolve(`postgres-${major}`)
    return serverIn(join(dirname(dirname(entry)), 'native', 'bin'))
  } catch {
    return [] // an optional dependency that this platform does not have
  }
}

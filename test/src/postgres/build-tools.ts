import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { run, tryRun } from '../run.js'

/** What builds a module with PGXS. */
export interface BuildTools {
  readonly pgConfig: string
  readonly make: string
}

const CACHE = fileURLToPath(new URL('../../../.cache/', import.meta.url))
const APT = join(CACHE, 'apt')

/** apt-get or apt-cache with state of its own, so that it needs neither root nor the package lists of the system. */
function apt(program: 'apt-cache' | 'apt-get', args: readonly string[], cwd: string = CACHE): string {
  for (const directory of ['lists/partial', 'archives/partial']) mkdirSync(join(APT, directory), { recursive: true })
  const options = [
    `Dir::State::lists=${join(APT, 'lists')}`,
    `Dir::Cache=${APT}`,
    'Debug::NoLocking=1',
    'APT::Sandbox::User=root', // else root's apt drops to a user that cannot write here
  ]
  return run(program, [...options.flatMap((option) => ['-o', option]), '-qq', ...args], { cwd })
}

/** Majors of PostgreSQL that the package sources of this system have headers for. Empty where there is no apt. */
export function availableMajors(): Set<number> {
  if (tryRun('apt-get', ['--version']) === null) return new Set()
  try {
    apt('apt-get', ['update'])
    const names = apt('apt-cache', ['search', '--names-only', '^postgresql-server-dev-[0-9]+$'])
    return new Set([...names.matchAll(/^postgresql-server-dev-(\d+) /gm)].map((match) => Number(match[1])))
  } catch {
    return new Set() // no network: the caller names the line to run instead
  }
}

/**
 * Unpacks the headers, and pg_config and PGXS, which find each other wherever they lie, and make if there is none.
 * Call availableMajors first: it makes the package lists.
 */
export function fetchBuildTools(major: number): BuildTools {
  const root = join(CACHE, `postgresql-dev-${major}`)
  if (!existsSync(root)) {
    const work = mkdtempSync(join(CACHE, 'unpack-'))
    apt('apt-get', ['download', `postgresql-server-dev-${major}`, `postgresql-client-${major}`, 'make'], work)
    for (const name of readdirSync(work)) run('dpkg-deb', ['-x', name, 'root'], { cwd: work })
    renameSync(join(work, 'root'), root) // whole or not at all
    rmSync(work, { recursive: true })
  }
  const make = tryRun('make', ['--version']) === null ? join(root, 'usr/bin/make') : 'make'
  return { pgConfig: join(root, `usr/lib/postgresql/${major}/bin/pg_config`), make }
}

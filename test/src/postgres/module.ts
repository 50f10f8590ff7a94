import { chmodSync, cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { run } from '../run.js'
import type { Installation } from './installation.js'

const SOURCE = fileURLToPath(new URL('../../../packages/postgres-hook/', import.meta.url))

/** Builds the module as its users do, with PGXS and warnings as errors, and copies sixtybits.so into `directory`. */
export function buildModule({ tools }: Installation, directory: string): string {
  const work = mkdtempSync(join(tmpdir(), 'sixtybits-build-'))
  try {
    for (const name of ['Makefile', 'src']) cpSync(join(SOURCE, name), join(work, name), { recursive: true })
    run(tools.make, [`PG_CONFIG=${tools.pgConfig}`, 'CC=cc'], { cwd: work })
    const library = join(directory, 'sixtybits.so')
    cpSync(join(work, 'sixtybits.so'), library)
    chmodSync(library, 0o755) // the server's user reads it, whatever our umask
    return library
  } finally {
    rmSync(work, { recursive: true })
  }
}

import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { findInstallation, type Installation } from '../src/postgres/installation.js'
import { buildModule } from '../src/postgres/module.js'

declare module 'vitest' {
  interface ProvidedContext {
    installation: Installation
    library: string
  }
}

/** Once for all files: a PostgreSQL to run and the module built for it. A machine that lacks something fails here. */
export default function setup(project: TestProject): () => void {
  const installation = findInstallation(console.log)
  console.log(`system tests run on PostgreSQL ${installation.version}: ${installation.origin}`)
  const directory = mkdtempSync(join('/tmp', 'sixtybits-module-'))
  const remove = () => rmSync(directory, { recursive: true })
  chmodSync(directory, 0o755) // the server's user reads the module
  try {
    project.provide('installation', installation)
    project.provide('library', buildModule(installation, directory))
  } catch (error) {
    remove()
    throw error
  }
  return remove
}

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findInstallation } from './postgres/installation.js'
import { buildModule } from './postgres/module.js'

// The module's build alone, warnings as errors, for a run that wants to see it by itself.
const installation = findInstallation(console.log)
const directory = mkdtempSync(join(tmpdir(), 'sixtybits-'))
try {
  buildModule(installation, directory)
  console.log(`the module builds without a warning for PostgreSQL ${installation.version}: ${installation.origin}`)
} finally {
  rmSync(directory, { recursive: true })
}

#!/usr/bin/env node
import { report } from './exit.js'
import { standardStreams } from './io.js'
import { run } from './program.js'

// What escapes run() would otherwise be printed by Node with its message, which may hold a password.
process.on('uncaughtException', (error) => process.exit(report(error, process.stderr)))

process.exitCode = await run(process.argv.slice(2), standardStreams)

#!/usr/bin/env node
import { createRequire } from 'node:module'
import { DEFAULT_POLICY } from '@sixtybits/entropy'
import { describeCrash } from '@sixtybits/protocol'
import { Command, CommanderError, InvalidArgumentError } from 'commander'
import { createGate } from './gate.js'
import { ListenError, listenOnSocket } from './listen.js'
import { createLogger, lossyDestination } from './log.js'

const EXIT_USAGE = 2
const EXIT_FAILED = 3
const STOP_GRACE_MS = 2000 // for requests on their way; the hook's own deadline is a second by default
const STOP_TIMEOUT_MS = 10_000

const { version } = createRequire(import.meta.url)('../package.json') as { version: string }

interface Options {
  readonly socket: string
  readonly minBits: number
}

const program = new Command('sixtybits-gate')
  .description('Judges the passwords that PostgreSQL is about to give its roles.')
  .option('--socket <path>', 'Unix socket to listen on', '/run/sixtybits/gate.sock')
  .option('--min-bits <bits>', 'bits of entropy that a password must be worth', parseBits, DEFAULT_POLICY.minimumBits)
  .version(version)
  .addHelpText(
    'after',
    `
Logs JSON lines to stdout, one for each decision; never a password. SIGTERM answers what has arrived, then stops.
Exit codes: 0 stopped by a signal, 2 wrong usage, 3 could not listen.

Example:
  mkdir -m 0750 /tmp/sixtybits && sixtybits-gate --socket /tmp/sixtybits/gate.sock`,
  )
  .configureOutput({ outputError: (text, write) => write(`sixtybits-gate: ${text.replace(/^error: /, '')}`) })
  .exitOverride()
  .action(serve)

program.parseAsync().catch((error: unknown) => {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : EXIT_USAGE
    return
  }
  process.exitCode = EXIT_FAILED
  if (error instanceof ListenError) {
    process.stderr.write(`sixtybits-gate: ${error.message}\nhint: ${error.hint}\n`)
  } else {
    const { errorName, stack } = describeCrash(error)
    process.stderr.write(`sixtybits-gate: internal error: ${errorName}\n${stack}\n`)
  }
})

function parseBits(text: string): number {
  const bits = Number(text)
  if (!/^\d+(\.\d+)?$/.test(text) || bits > 1024) throw new InvalidArgumentError('It must be a number from 0 to 1024.')
  return bits
}

async function serve({ socket, minBits }: Options): Promise<void> {
  const destination = lossyDestination(process.stdout, () => {
    process.stderr.write('sixtybits-gate: nobody reads the log any more; going on without\n')
  })
  const logger = createLogger(destination)
  const gate = createGate({ policy: { minimumBits: minBits }, logger, version })
  const removeSocket = await listenOnSocket(gate, socket)
  let stopping = false
  const stop = async (signal: NodeJS.Signals) => {
    if (stopping) process.exit(EXIT_FAILED) // asked twice: at once
    stopping = true
    logger.log('stopping', { signal })
    setTimeout(() => process.exit(EXIT_FAILED), STOP_TIMEOUT_MS).unref()
    setTimeout(() => gate.server.closeAllConnections(), STOP_GRACE_MS).unref()
    await removeSocket()
    await gate.close()
    logger.log('stopped', {})
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
  logger.log('listening', { socket, version })
}

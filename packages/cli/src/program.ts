import { readFileSync } from 'node:fs'
import { Command, CommanderError } from 'commander'
import type { CheckOptions } from './check.js'
import { EXIT, Exit, type ExitCode, report } from './exit.js'
import type { GenerateArguments } from './generate.js'
import { type Io, writeResult } from './io.js'

/** Runs the command line `args` (without node and script) and returns the exit code. Never throws, never exits. */
export async function run(args: readonly string[], io: Io): Promise<ExitCode> {
  // A failed write is reported to whoever wrote. Without a listener it would end the process as well.
  io.stdout.on('error', () => {})
  io.stderr.on('error', () => {})
  try {
    return await runCommand(args, io)
  } catch (error) {
    return report(error, io.stderr)
  }
}

async function runCommand(args: readonly string[], io: Io): Promise<ExitCode> {
  let exitCode: ExitCode = EXIT.done
  let help = ''
  const program = new Command('sixtybits')
    .description('Checks and generates passwords by their bits of entropy.')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => {
        help += text
      },
      writeErr: (text) => io.stderr.write(text),
      outputError: () => {}, // its messages quote what was typed; wrongUsage() has others
    })
    // No -h and no -V: a password of `-hunter2` given as an argument would print the help and exit 0, as if accepted.
    .version(readVersion(), '--version', 'print the version')
    .helpOption('--help', 'print this help')
    .helpCommand(false)
    .addHelpText('after', example('sixtybits generate | sixtybits check'))

  // The commands are imported when they run: the dictionaries take 0.25 s to load, which help and errors can do without.
  program
    .command('check')
    .description('Check a password, typed at a hidden prompt or read from standard input.')
    .option('--lines', 'check one password per line of standard input')
    .option('--json', 'print JSON, with --lines one object per line')
    .option('--role <name>', 'the role that the password is for; its name in the password counts for little')
    .option('--word <word>', 'another word that an attacker would try; may be repeated', append)
    .option('--min-bits <n>', 'bits of entropy that are required', parseNumber, 60)
    .option('--estimator <name>', 'calibrated, charset or zxcvbn', 'calibrated')
    .addHelpText('after', `\nExit status: 0 accepted, 1 refused, 2 wrong usage, 3 could not be checked.`)
    .addHelpText('after', example('sixtybits generate --count 3 | sixtybits check --lines'))
    .action(async (options: CheckOptions) => {
      const { check } = await import('./check.js')
      exitCode = await check(io, options)
    })

  program
    .command('generate')
    .description('Generate passwords that the check accepts.')
    .option('--format <name>', 'base62, base64url, hex, printable or words', 'base62')
    .option('--bits <n>', 'bits of entropy at least; left out, the usual length of the format', parseNumber)
    .option('--count <n>', 'how many, one per line', parseNumber, 1)
    .option('--prefix <text>', 'printable ASCII to put in front; it counts for nothing')
    .option('--json', 'print one object per line: password, format and bits')
    .addHelpText('after', example('sixtybits generate --format words --count 3'))
    .action(async (options: GenerateArguments) => {
      const { generate } = await import('./generate.js')
      exitCode = await generate(io, options)
    })

  try {
    await program.parseAsync(args, { from: 'user' })
    return exitCode
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.code !== 'commander.helpDisplayed' && error.code !== 'commander.version') {
      const commands = program.commands.map((command) => command.name())
      throw wrongUsage(
        error.code,
        commands.find((name) => name === args[0]),
      )
    }
    await writeResult(io, help)
    return EXIT.done
  }
}

/** What commander found wrong, told without what was typed: it may be a password. */
function wrongUsage(code: string, command: string | undefined): Exit {
  const see = `See: sixtybits ${command ? `${command} ` : ''}--help`
  switch (code) {
    case 'commander.help': // no command; commander has printed the help on stderr
      return new Exit(EXIT.usage)
    case 'commander.unknownCommand':
      return new Exit(EXIT.usage, 'unknown command', 'The commands are check and generate. See: sixtybits --help')
    case 'commander.unknownOption':
      return new Exit(EXIT.usage, 'unknown option', see)
    case 'commander.optionMissingArgument':
      return new Exit(EXIT.usage, 'an option lacks its value', see)
    case 'commander.excessArguments':
      if (command !== 'check') break
      return new Exit(
        EXIT.usage,
        'a password cannot be an argument: every user of this machine can see the arguments',
        'Run sixtybits check and type it there, or pipe it: sixtybits check < password.txt',
      )
  }
  return new Exit(EXIT.usage, 'wrong usage', see)
}

function example(command: string): string {
  return `\nExample:\n  ${command}`
}

function append(word: string, words: readonly string[] = []): string[] {
  return [...words, word]
}

/** A decimal number as people type it, or NaN. Number() alone would take an empty text for 0, and `0x10`. */
function parseNumber(text: string): number {
  return /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN
}

function readVersion(): string {
  return JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version
}

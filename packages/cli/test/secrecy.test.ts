// Claims:
//   - no output holds a password, nor four characters of it in a row, however it was given: piped, in lines, as an
//     argument, as a command, an option or an option's value
//   - an error that nobody foresaw is told by its class and its stack frames, without its message
import { describeCrash } from '@sixtybits/protocol'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { inMemory } from './memory.js'
import { MAIN, outcome, start } from './sixtybits.js'

const { SLOW } = process.env
const WINDOW_LENGTH = 4

// No text of ours has four of these in a row: capitals, signs, and what is not ASCII. Some make words, to be found weak.
const part = fc.oneof(
  fc.constantFrom('PASSWORD', 'QWERTY', 'AAAA', 'ABCD', 'P@$$', '密码'),
  fc.constantFrom(...'ABCDEFGHIJKLMNOPQRSTUVWXYZ#$%&*@^~éßЖ漢字🔑'),
)
const password = fc
  .array(part, { minLength: 1, maxLength: 40 })
  .map((parts) => parts.join(''))
  .filter((text) => [...text].length >= 8)

function windows(text: string): string[] {
  const characters = [...text]
  return characters.slice(WINDOW_LENGTH - 1).map((_, i) => characters.slice(i, i + WINDOW_LENGTH).join(''))
}

async function expectSilence(args: readonly string[], stdin: string, secret: string, exitCodes: readonly number[]) {
  const { stdout, stderr, exitCode } = await inMemory(args, stdin)
  expect(exitCodes).toContain(exitCode)
  const output = stdout + stderr
  expect(output).not.toBe('')
  expect(windows(secret).filter((window) => output.includes(window))).toEqual([])
}

const numRuns = SLOW ? 5000 : 100

describe('no output holds the password', { timeout: 600 * numRuns }, () => {
  test.each([
    { args: ['check'] },
    { args: ['check', '--json'] },
    { args: ['check', '--json', '--estimator', 'charset'] },
    { args: ['check', '--json', '--estimator', 'zxcvbn'] },
    { args: ['check', '--lines'] },
    { args: ['check', '--lines', '--json'] },
  ])('$args', async ({ args }) => {
    await fc.assert(
      fc.asyncProperty(password, (secret) => expectSilence(args, `${secret}\n`, secret, [0, 1])),
      { numRuns },
    )
  })

  test.each([
    { as: 'a command', args: (secret: string) => [secret] },
    { as: 'an option of no command', args: (secret: string) => [`--${secret}`] },
    { as: 'an argument', args: (secret: string) => ['check', secret] },
    { as: 'an argument after options', args: (secret: string) => ['check', '--json', secret] },
    { as: 'short options', args: (secret: string) => ['check', `-${secret}`] },
    { as: 'an option', args: (secret: string) => ['check', `--${secret}`] },
    { as: 'a value that the option does not take', args: (secret: string) => ['check', `--lines=${secret}`] },
    { as: 'a number of bits', args: (secret: string) => ['check', '--min-bits', secret] },
    { as: 'an estimator', args: (secret: string) => ['check', '--estimator', secret] },
    { as: 'an argument of generate', args: (secret: string) => ['generate', secret] },
    { as: 'bits of generate', args: (secret: string) => ['generate', '--bits', secret] },
    { as: 'a count', args: (secret: string) => ['generate', '--count', secret] },
    { as: 'a format', args: (secret: string) => ['generate', '--format', secret] },
    { as: 'a prefix', args: (secret: string) => ['generate', '--prefix', ` ${secret}`] },
  ])('given as $as', async ({ args }) => {
    await fc.assert(
      fc.asyncProperty(password, (secret) => expectSilence(args(secret), '', secret, [2])),
      { numRuns },
    )
  })

  test('--role and --word', async () => {
    await fc.assert(
      fc.asyncProperty(password, (secret) =>
        expectSilence(['check', '--json', '--role', secret, '--word', secret], secret, secret, [0, 1]),
      ),
      { numRuns },
    )
  })

  test('more than one line', async () => {
    await fc.assert(
      fc.asyncProperty(password, (secret) => expectSilence(['check'], `${secret}\n${secret}`, secret, [2])),
      { numRuns },
    )
  })
})

describe('an unforeseen error', { timeout: 30_000 }, () => {
  /** Runs `sixtybits check` after this code, which sabotages it. */
  function sabotaged(code: string) {
    const preload = `data:text/javascript,${encodeURIComponent(code)}`
    return start(process.execPath, ['--import', preload, MAIN, 'check'])
  }
  const report = /^sixtybits: internal error: TypeError\n( {4}at .+:\d+:\d+\)?\n)+$/

  test('in the check is told without its message', async () => {
    const child = sabotaged(`
      String.prototype.normalize = function () {
        throw new TypeError('cannot normalize ' + this + '\\n    at ' + this + ' (/' + this + ':1:1)')
      }`)
    child.stdin.end('HUNTER2HUNTER2')
    const result = await outcome(child)
    expect(result).toEqual({ stdout: '', stderr: expect.stringMatching(report), exitCode: 3 })
    expect(result.stderr).not.toContain('HUNTER2')
  })

  test('outside of it, too', async () => {
    const child = sabotaged(`
      const timer = setInterval(() => {
        if (process.listenerCount('uncaughtException') === 0) return // the program has not started
        clearInterval(timer)
        throw new TypeError('HUNTER' + 2) // in two: the frames name this code
      }, 10)`)
    const result = await outcome(child)
    expect(result).toEqual({ stdout: '', stderr: expect.stringMatching(report), exitCode: 3 })
    expect(result.stderr).not.toContain('HUNTER2')
  })

  test('that is no Error is told by its type', () => {
    expect(describeCrash('HUNTER2')).toEqual({ errorName: 'string', stack: '' })
  })
})

// Claims, proven by transcripts (arguments and standard input; stdout, stderr, exit code). Each claim by the built program
// in a process of its own; its variants in this process, where they take no half second each:
//   - `check` takes one password from a pipe as it is, less one line end, and says accept or refuse, why, and what to do
//   - it exits 0 for accepted, 1 for refused, 2 for wrong usage, 3 for could not be checked
//   - what cannot be a password is refused by name: empty, over-long, not UTF-8, with control characters
//   - a password as an argument is wrong usage, and so is all else that the program does not know
//   - `check --lines` gives one result per line, in order, as soon as the line is there
//   - `generate` writes passwords on stdout that `check` accepts, in every format
//   - a reader that goes away ends the program quietly, and not with 0
//   - every help ends in an example that works
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { DEFAULT_POLICY, estimators, formats } from '@sixtybits/entropy'
import { describe, expect, test } from 'vitest'
import { inMemory } from './memory.js'
import { MAIN, outcome, shell, sixtybits, start } from './sixtybits.js'

const RANDOM = 'V9bq2LxT7mZp4RkW' // 16 base62 characters: 16 × log2 62 = 95.27 bits
const ACCEPT = 'accept: 95.2 bits of entropy; 60 are required\n'
const REMEDY = 'hint: Generate one with: sixtybits generate\n'
const EMPTY = `refuse: the password is empty\n${REMEDY}`
const MALFORMED = `refuse: the password is not valid Unicode text\n${REMEDY}`
const TOO_LONG = /^refuse: the password is too long\nhint: .+\n$/
const ARGUMENT =
  'sixtybits: a password cannot be an argument: every user of this machine can see the arguments\n' +
  'hint: Run sixtybits check and type it there, or pipe it: sixtybits check < password.txt\n'
const CONTROL = /^refuse: the password contains a control character\nhint: .+\n$/

// The charset formula that hosted platforms use, or zxcvbn, accepts some of these at 60 bits. All are guessable.
const SEEDS = [
  'Password1!',
  'January2026!',
  'T3sting!23Ab',
  'neondb_owner1',
  'correct horse battery staple',
  'qwertyuiop[]asdfghjkl',
]

// The estimator whose figures can be redone by hand: length × log2 of the sizes of the character groups met.
const CHARSET = ['--estimator', 'charset'] // Password1!: 10 × log2 (26 + 26 + 10 + 5) = 60.66 bits

describe('check', () => {
  test.each<{ name: string; args?: string[]; stdin: string | Uint8Array; stdout: string | RegExp; exitCode: number }>([
    { name: 'accepts', stdin: RANDOM, stdout: ACCEPT, exitCode: 0 },
    { name: 'strips one \\n', stdin: `${RANDOM}\n`, stdout: ACCEPT, exitCode: 0 },
    { name: 'strips one \\r\\n', stdin: `${RANDOM}\r\n`, stdout: ACCEPT, exitCode: 0 },
    { name: 'strips no \\r alone', stdin: `${RANDOM}\r`, stdout: CONTROL, exitCode: 1 },
    { name: 'strips no second \\r', stdin: `${RANDOM}\r\r\n`, stdout: CONTROL, exitCode: 1 },
    { name: 'strips no space', args: CHARSET, stdin: 'kqzvxw \n', stdout: /^refuse: 34.6 bits/, exitCode: 1 }, // 7 × log2 (26 + 5)
    { name: 'refuses nothing', stdin: '', stdout: EMPTY, exitCode: 1 },
    { name: 'refuses an empty line', stdin: '\n', stdout: EMPTY, exitCode: 1 },
    { name: 'refuses what is not UTF-8', stdin: Buffer.from('caf\xe9', 'latin1'), stdout: MALFORMED, exitCode: 1 },
    { name: 'refuses UTF-16', stdin: Buffer.from('\uFEFFpassword', 'utf16le'), stdout: MALFORMED, exitCode: 1 },
    { name: 'refuses NUL', stdin: `${RANDOM}\0`, stdout: CONTROL, exitCode: 1 },
    { name: 'refuses 1,025 code points', stdin: '\u{1F511}'.repeat(1025), stdout: TOO_LONG, exitCode: 1 },
    { name: 'refuses 64 KiB', stdin: 'aB3$'.repeat(16 * 1024), stdout: TOO_LONG, exitCode: 1 },
    { name: 'refuses more than 64 KiB', stdin: 'aB3$'.repeat(64 * 1024), stdout: TOO_LONG, exitCode: 1 },
    {
      name: 'names the weakest part',
      stdin: 'Password1!',
      stdout: /^refuse: \d+(\.\d)? bits of entropy; 60 are required\nweakest part: .+\nhint: .+\n$/,
      exitCode: 1,
    },
    {
      name: 'takes an estimator',
      args: CHARSET,
      stdin: 'Password1!',
      stdout: 'accept: 60.6 bits of entropy; 60 are required\n',
      exitCode: 0,
    },
    {
      name: 'takes the bits that are required, and does not round 60.66 up to 60.7',
      args: [...CHARSET, '--min-bits', '60.7'],
      stdin: 'Password1!',
      stdout: `refuse: 60.6 bits of entropy; 60.7 are required\nweakest part: only 10 characters\n${REMEDY}`,
      exitCode: 1,
    },
    {
      name: 'accepts anything at 0 bits but what is no password',
      args: ['--min-bits', '0'],
      stdin: '',
      stdout: EMPTY,
      exitCode: 1,
    },
    {
      name: 'prints JSON',
      args: [...CHARSET, '--json'],
      stdin: 'Password1!',
      stdout:
        '{"verdict":"accept","bits":60.6,"requiredBits":60,"code":"accepted","estimator":"charset","weakest":null,' +
        '"detail":"Estimated at 60.6 bits of entropy; 60 are required.","hint":null,"segments":[]}\n',
      exitCode: 0,
    },
    {
      name: 'prints JSON of what was not estimated',
      args: ['--json'],
      stdin: '',
      stdout:
        '{"verdict":"refuse","bits":0,"requiredBits":60,"code":"empty","estimator":"calibrated","weakest":null,' +
        '"detail":"The password is empty.","hint":"Generate one with: sixtybits generate","segments":[]}\n',
      exitCode: 1,
    },
  ])('$name', async ({ args = [], stdin, stdout, exitCode }) => {
    const result = await inMemory(['check', ...args], stdin)
    expect(result).toEqual({
      stdout: typeof stdout === 'string' ? stdout : expect.stringMatching(stdout),
      stderr: '',
      exitCode,
    })
  })

  test.each(SEEDS)('refuses %s', async (password) => {
    const { stdout, exitCode } = await inMemory(['check', '--json'], `${password}\n`)
    expect(JSON.parse(stdout)).toMatchObject({ verdict: 'refuse', code: 'too_weak' })
    expect(exitCode).toBe(1)
  })

  test('segments follow each other and cover the password', async () => {
    const { stdout } = await inMemory(['check', '--json'], 'January2026!')
    const { segments } = JSON.parse(stdout) as { segments: { start: number; end: number; bits: number }[] }
    expect(segments.map(({ start }) => start)).toEqual([0, ...segments.slice(0, -1).map(({ end }) => end)])
    expect(segments.at(-1)?.end).toBe(12)
    for (const { bits } of segments) expect(bits).toBe(Math.floor(bits * 10) / 10)
  })

  test('names that an attacker knows make it weaker: --role, and --word more than once', async () => {
    const bits = async (...args: string[]) => {
      const { stdout } = await inMemory(['check', '--json', ...args], 'brzqwkfjxmnvplt')
      return (JSON.parse(stdout) as { bits: number }).bits
    }
    const one = ['--role', 'brzqwk']
    const two = [...one, '--word', 'fjxmn']
    const three = [...two, '--word', 'vplt']
    const all = await Promise.all([bits(), bits(...one), bits(...two), bits(...three)])
    expect(all).toEqual([...all].sort((a, b) => b - a))
    expect(new Set(all).size).toBe(4)
  })
})

describe('check --lines', () => {
  test.each([
    { name: 'no line is no result', stdin: '', stdout: '', exitCode: 0 },
    { name: 'all accepted', stdin: `${RANDOM}\n${RANDOM}\n`, stdout: accepted(1, 2), exitCode: 0 },
    { name: 'the last line may lack its end', stdin: `${RANDOM}\n${RANDOM}`, stdout: accepted(1, 2), exitCode: 0 },
    { name: '\\r\\n ends a line, too', stdin: `${RANDOM}\r\n`, stdout: accepted(1), exitCode: 0 },
    { name: 'an empty line counts', stdin: `\n${RANDOM}`, stdout: `1\trefuse\t0\tempty\n${accepted(2)}`, exitCode: 1 },
    {
      name: 'an over-long line is refused whole, and the next is the next',
      stdin: `${'aB3$'.repeat(64 * 1024)}\n${RANDOM}\n`,
      stdout: `1\trefuse\t0\ttoo_long\n${accepted(2)}`,
      exitCode: 1,
    },
    {
      name: 'a line that is not UTF-8 spoils no other',
      stdin: Buffer.from(`caf\xe9\n${RANDOM}\n`, 'latin1'),
      stdout: `1\trefuse\t0\tmalformed_text\n${accepted(2)}`,
      exitCode: 1,
    },
  ])('$name', async ({ stdin, stdout, exitCode }) => {
    expect(await inMemory(['check', '--lines'], stdin)).toEqual({ stdout, stderr: '', exitCode })
  })

  test('prints JSON: exactly line, verdict, bits and code', async () => {
    const stdout =
      '{"line":1,"verdict":"accept","bits":60.6,"code":"accepted"}\n{"line":2,"verdict":"refuse","bits":0,"code":"empty"}\n'
    const result = await inMemory(['check', '--lines', '--json', ...CHARSET], 'Password1!\n\n')
    expect(result).toEqual({ stdout, stderr: '', exitCode: 1 })
  })
})

describe('wrong usage', () => {
  const command = 'sixtybits: unknown command\nhint: The commands are check and generate. See: sixtybits --help\n'
  const option = 'sixtybits: unknown option\nhint: See: sixtybits check --help\n'
  const value = 'sixtybits: an option lacks its value\nhint: See: sixtybits check --help\n'
  const count = 'sixtybits: --count must be a whole number from 1 to 1,000,000\n'
  const bits = 'sixtybits: --bits must be 32 to 1024\n'
  const minBits = 'sixtybits: --min-bits must be a number of at least 0\n'

  test.each([
    { args: ['check', 'hunter2'], stderr: ARGUMENT },
    { args: ['check', '--lines', 'hunter2'], stderr: ARGUMENT },
    { args: ['check', '--', '-hunter2'], stderr: ARGUMENT },
    { args: ['check', ''], stderr: ARGUMENT },
    { args: ['hunter2'], stderr: command },
    { args: ['check', '--hunter2'], stderr: option },
    { args: ['check', '-hunter2'], stderr: option }, // not the help: a script would take its exit code 0 for accepted
    { args: ['check', '-Vunter2'], stderr: option },
    { args: ['--hunter2'], stderr: option.replace(' check', '') },
    { args: ['check', '--role'], stderr: value },
    { args: ['check', '--min-bits', 'hunter2'], stderr: minBits },
    { args: ['check', '--min-bits', '-1'], stderr: minBits },
    { args: ['check', '--min-bits', ''], stderr: minBits },
    { args: ['check', '--min-bits', '9'.repeat(400)], stderr: minBits },
    {
      args: ['check', '--estimator', 'hunter2'],
      stderr: 'sixtybits: --estimator must be one of calibrated, charset, zxcvbn\n',
    },
    { args: ['check', '--estimator', 'constructor'], stderr: expect.stringContaining('--estimator must be one of') },
    { args: ['generate', 'hunter2'], stderr: 'sixtybits: wrong usage\nhint: See: sixtybits generate --help\n' },
    { args: ['generate', '--count', '0'], stderr: count },
    { args: ['generate', '--count', '1000001'], stderr: count },
    { args: ['generate', '--count', '1.5'], stderr: count },
    { args: ['generate', '--count', '0x10'], stderr: count },
    { args: ['generate', '--bits', '0'], stderr: bits },
    { args: ['generate', '--bits', '1025'], stderr: bits },
    { args: ['generate', '--bits', 'hunter2'], stderr: bits },
    {
      args: ['generate', '--format', 'hunter2'],
      stderr: 'sixtybits: --format must be one of base62, base64url, hex, printable, words\n',
    },
    {
      args: ['generate', '--prefix', 'hunter 2'],
      stderr: 'sixtybits: --prefix must be at most 64 characters of printable ASCII\n',
    },
  ])('$args', async ({ args, stderr }) => {
    expect(await inMemory(args, RANDOM)).toEqual({ stdout: '', stderr, exitCode: 2 })
  })

  test.each([`${RANDOM}\n${RANDOM}\n`, `${RANDOM}\n\n`, '\n\n'])(
    'more than one line without --lines: %j',
    async (stdin) => {
      const stderr =
        'sixtybits: standard input has more than one line\nhint: To check one password per line: sixtybits check --lines\n'
      expect(await inMemory(['check'], stdin)).toEqual({ stdout: '', stderr, exitCode: 2 })
    },
  )

  test('no command prints the help on stderr', async () => {
    const help = await inMemory(['--help'])
    expect(await inMemory([])).toEqual({ stdout: '', stderr: help.stdout, exitCode: 2 })
  })
})

describe('generate', () => {
  // The form of each format: its alphabet, and the symbols that 60 bits take at the least.
  test.each([
    { format: 'base62', form: /^[0-9A-Za-z]{11,}$/ }, // 60 / 5.954
    { format: 'base64url', form: /^[\w-]{10,}$/ }, // 60 / 6
    { format: 'hex', form: /^[0-9a-f]{15,}$/ }, // 60 / 4
    { format: 'printable', form: /^[!-~]{10,}$/ }, // 60 / 6.555
    { format: 'words', form: /^[a-z]+(-[a-z]+){4,}$/ }, // 60 / 12.925; its words with a hyphen only add to it
  ])('a thousand of $format pass the check', { timeout: 30_000 }, async ({ format, form }) => {
    const { stdout, stderr } = await inMemory(['generate', '--count', '1000', '--format', format])
    const passwords = stdout.trimEnd().split('\n')
    expect(stderr).toBe('')
    expect(passwords.filter((password) => form.test(password))).toHaveLength(1000)
    expect(new Set(passwords).size).toBe(1000)
    const checked = await inMemory(['check', '--lines'], stdout)
    expect(checked.stdout.match(/^\d+\taccept\t[\d.]+\taccepted$/gm)).toHaveLength(1000)
    expect(checked).toMatchObject({ stderr: '', exitCode: 0 })
  })

  test('takes bits and a prefix; JSON says what came of it', async () => {
    const { stdout } = await inMemory(['generate', '--json', '--format', 'hex', '--bits', '128', '--prefix', 'acme_'])
    const line = JSON.parse(stdout) as { password: string; format: string; bits: number }
    expect(Object.keys(line)).toEqual(['password', 'format', 'bits'])
    expect(line.format).toBe('hex')
    expect(line.password).toMatch(/^acme_[0-9a-f]{32,34}$/)
    expect(line.bits).toBeGreaterThanOrEqual(128)
    expect(line.bits).toBe(Math.floor(line.bits * 10) / 10)
  })
})

describe('--help', () => {
  test('names what the library has', async () => {
    const help = Object.keys(estimators).concat(formats)
    const stdout = (await inMemory(['check', '--help'])).stdout + (await inMemory(['generate', '--help'])).stdout
    for (const name of help) expect(stdout).toContain(name)
    expect(stdout).toContain(`(default: ${DEFAULT_POLICY.minimumBits})`)
    expect(stdout).toContain(`(default: "${DEFAULT_POLICY.estimator}")`)
  })
})

describe('the built program', { concurrent: true, timeout: 30_000 }, () => {
  test.each([
    { args: ['check'], stdin: `${RANDOM}\n`, expected: { stdout: ACCEPT, stderr: '', exitCode: 0 } },
    { args: ['check'], stdin: '', expected: { stdout: EMPTY, stderr: '', exitCode: 1 } },
    { args: ['check', RANDOM], stdin: '', expected: { stdout: '', stderr: ARGUMENT, exitCode: 2 } },
    { args: ['check', '--lines'], stdin: '', expected: { stdout: '', stderr: '', exitCode: 0 } },
    {
      args: ['check', '--lines'],
      stdin: `${RANDOM}\n${RANDOM}`,
      expected: { stdout: accepted(1, 2), stderr: '', exitCode: 0 },
    },
  ])('$args', async ({ args, stdin, expected }) => {
    expect(await sixtybits(args, stdin)).toEqual(expected)
  })

  test('refuses every seed', async () => {
    const { stdout, exitCode } = await sixtybits(['check', '--lines'], SEEDS.join('\n'))
    expect(stdout.match(/^\d+\trefuse\t[\d.]+\ttoo_weak$/gm)).toHaveLength(SEEDS.length)
    expect(exitCode).toBe(1)
  })

  test('accepts what it generated', async () => {
    const { stdout, stderr, exitCode } = await shell('sixtybits generate --count 100 | sixtybits check --lines')
    expect(stdout.match(/^\d+\taccept\t[\d.]+\taccepted$/gm)).toHaveLength(100)
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 })
  })

  test('refuses endless input without waiting for its end', async () => {
    const child = start(process.execPath, [MAIN, 'check'])
    child.stdin.write('x'.repeat(128 * 1024))
    expect(await outcome(child)).toMatchObject({ stdout: expect.stringMatching(TOO_LONG), exitCode: 1 })
  })

  test('gives each result before it has seen the next line', async () => {
    const child = start(process.execPath, [MAIN, 'check', '--lines'])
    for (const line of [1, 2, 3]) {
      child.stdin.write(`${RANDOM}\n`)
      const [result] = (await once(child.stdout, 'data')) as [Buffer]
      expect(result.toString()).toBe(accepted(line))
    }
    child.stdin.end()
    expect(await outcome(child)).toEqual({ stdout: '', stderr: '', exitCode: 0 })
  })

  test.each([
    { command: 'sixtybits check < /', stderr: 'sixtybits: cannot read standard input (EISDIR)\n' },
    { command: 'sixtybits check --lines < /', stderr: 'sixtybits: cannot read standard input (EISDIR)\n' },
    { command: 'sixtybits check --lines 0> /dev/null', stderr: 'sixtybits: cannot read standard input (EBADF)\n' },
    { command: 'sixtybits generate > /dev/full', stderr: 'sixtybits: cannot write to standard output (ENOSPC)\n' },
    {
      command: `echo ${RANDOM} | sixtybits check > /dev/full`,
      stderr: 'sixtybits: cannot write to standard output (ENOSPC)\n',
    },
  ])('exits 3: $command', async ({ command, stderr }) => {
    expect(await shell(command)).toEqual({ stdout: '', stderr, exitCode: 3 })
  })

  test('ends quietly when its reader has enough', async () => {
    const { stdout, stderr } = await shell('sixtybits generate --count 100000 | head -1')
    expect(stdout).toMatch(/^\w{16}\n$/)
    expect(stderr).toBe('')
  })

  test.each([
    ['generate', '--count', '1000000'],
    ['check', '--lines'],
  ])('%s exits as after SIGPIPE', async (...args) => {
    const child = start(process.execPath, [MAIN, ...args])
    child.stdin.write(`${RANDOM}\n`)
    await once(child.stdout, 'data')
    child.stdout.destroy()
    child.stdin.write(`${RANDOM}\n`)
    const [exitCode] = await once(child, 'exit')
    expect(exitCode).toBe(141)
  })

  test('prints the version of the package', async () => {
    const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
    expect(await sixtybits(['--version'])).toEqual({ stdout: `${version}\n`, stderr: '', exitCode: 0 })
  })

  test.each([[['--help']], [['check', '--help']], [['generate', '--help']]])(
    '%s ends in an example that works',
    async (args) => {
      const help = await sixtybits(args)
      expect(help).toMatchObject({ stderr: '', exitCode: 0 })
      const example = help.stdout.match(/Example:\n {2}(sixtybits .+)\n$/)?.[1] ?? 'no example'
      const result = await shell(example)
      expect(result).toMatchObject({ stderr: '', exitCode: 0 })
      expect(result.stdout).not.toBe('')
    },
  )
})

/** The results of these lines, each RANDOM. */
function accepted(...lines: number[]): string {
  return lines.map((line) => `${line}\taccept\t95.2\taccepted\n`).join('')
}

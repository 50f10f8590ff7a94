// Claims, proven on a real pseudo-terminal (script, of util-linux) on which everything typed would show:
//   - `check` asks with a hidden prompt on stderr, and what is typed or pasted appears nowhere
//   - so too where stderr is a file and not the terminal
//   - Ctrl-C ends it quietly with 130; Ctrl-D is an empty password
//   - `check --lines` does not read a terminal, which would show the passwords
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterAll, describe, expect, test } from 'vitest'
import { MAIN, outcome, start } from './sixtybits.js'

const TYPED = 'V9bq2LxT7mZp4RkW' // 16 base62 characters: 16 × log2 62 = 95.27 bits
const ACCEPT = 'accept: 95.2 bits of entropy; 60 are required'

const directory = mkdtempSync(join(tmpdir(), 'sixtybits-terminal-'))
afterAll(() => rmSync(directory, { recursive: true }))

/** Runs a shell command on a terminal, types once `isReady` says so of all shown, and returns what was shown. */
async function onTerminal(command: string, typed: string, isReady: (shown: string) => boolean) {
  // --echo always: script would otherwise switch the echo off, and the test could not fail.
  const terminal = start('script', ['--quiet', '--return', '--echo', 'always', '--command', command, '/dev/null'])
  let shown = ''
  let ended = false
  terminal.stdout.on('data', (chunk: Buffer) => {
    shown += chunk
  })
  const result = outcome(terminal).finally(() => {
    ended = true
  })
  while (!ended && !isReady(shown)) await setTimeout(20)
  terminal.stdin.write(typed)
  return { shown: (await result).stdout, exitCode: (await result).exitCode }
}

const isPrompted = (shown: string) => shown.includes('Password:')
const node = `'${process.execPath}'`
const check = `${node} '${MAIN}' check`

describe.skipIf(process.platform !== 'linux')('on a terminal', { concurrent: true, timeout: 30_000 }, () => {
  test('the test itself would see an echo', async () => {
    const { shown } = await onTerminal('printf Password:; read -r line', `${TYPED}\r`, isPrompted)
    expect(shown).toContain(TYPED)
  })

  test('the prompt is hidden', async () => {
    const { shown, exitCode } = await onTerminal(check, `${TYPED}\r`, isPrompted)
    expect(shown).not.toContain(TYPED)
    expect(shown).not.toContain(TYPED.slice(0, 4))
    expect(shown).toMatch(new RegExp(`Password: .*\\r\\n${ACCEPT}\\r\\n$`))
    expect(exitCode).toBe(0)
  })

  test('the prompt is on stderr, and the result alone on stdout', async () => {
    const file = join(directory, 'stdout')
    const { shown, exitCode } = await onTerminal(`${check} > '${file}'`, `${TYPED}\r`, isPrompted)
    expect(shown).toMatch(/Password: .*\r\n$/)
    expect(readFileSync(file, 'utf8')).toBe(`${ACCEPT}\n`)
    expect(exitCode).toBe(0)
  })

  test('the prompt is hidden where stderr is a file', async () => {
    const file = join(directory, 'stderr')
    const isWritten = () => readFileSync(file, { encoding: 'utf8', flag: 'a+' }).includes('Password:')
    const { shown, exitCode } = await onTerminal(`${check} 2> '${file}'`, `${TYPED}\r`, isWritten)
    expect(shown).toBe(`${ACCEPT}\r\n`)
    expect(readFileSync(file, 'utf8')).not.toContain(TYPED.slice(0, 4))
    expect(exitCode).toBe(0)
  })

  test('a second line pasted along is not shown either', async () => {
    const { shown, exitCode } = await onTerminal(check, `${TYPED}\rhunter2hunter2\r`, isPrompted)
    expect(shown).toContain(ACCEPT)
    expect(shown).not.toContain('hunter2')
    expect(exitCode).toBe(0)
  })

  test('corrections count: backspace', async () => {
    const { shown } = await onTerminal(check, `${TYPED}xy\u007F\u007F\r`, isPrompted)
    expect(shown).toContain(ACCEPT)
  })

  test('Ctrl-C ends it quietly with 130', async () => {
    const { shown, exitCode } = await onTerminal(check, `${TYPED}\u0003`, isPrompted)
    expect(shown).toMatch(/Password: \S*\r\n$/)
    expect(shown).not.toContain(TYPED.slice(0, 4))
    expect(exitCode).toBe(130)
  })

  test('Ctrl-D is an empty password', async () => {
    const { shown, exitCode } = await onTerminal(check, '\u0004', isPrompted)
    expect(shown).toContain('refuse: the password is empty')
    expect(exitCode).toBe(1)
  })

  test('--lines refuses to read it', async () => {
    const { shown, exitCode } = await onTerminal(`${check} --lines`, '', () => true)
    expect(shown).toBe(
      'sixtybits: --lines reads a pipe or a file, not a terminal\r\n' +
        'hint: For example: sixtybits check --lines < passwords.txt\r\n',
    )
    expect(exitCode).toBe(2)
  })
})

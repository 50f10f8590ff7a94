// Claims:
//   - lines come out the same however the bytes are cut into chunks
//   - a line of 64 KiB is read, one byte more is too long; input without an end is known as such at 64 KiB
//   - a slow reader slows the writer: never more than one result waits, however much there is to read
//   - progress is one line on stderr, rewritten twice a second and cleared, only where stderr alone is a terminal
import { Writable } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { check } from '../src/check.js'
import { generate } from '../src/generate.js'
import type { Io } from '../src/io.js'
import { type Line, MAX_LINE_BYTES, readLines } from '../src/lines.js'
import { memoryIo } from './memory.js'

const { SLOW } = process.env
const CHARSET = { minBits: 60, estimator: 'charset' }

async function linesOf(chunks: Iterable<Uint8Array>): Promise<Line[]> {
  const lines: Line[] = []
  for await (const line of readLines(toAsync(chunks))) lines.push(line)
  return lines
}

async function* toAsync<T>(values: Iterable<T>): AsyncGenerator<T> {
  yield* values
}

describe('readLines', () => {
  test.each<{ input: string; lines: string[] }>([
    { input: '', lines: [] },
    { input: '\n', lines: [''] },
    { input: 'a', lines: ['a'] },
    { input: 'a\n', lines: ['a'] },
    { input: 'a\r\nb\r', lines: ['a', 'b\r'] },
    { input: '\r\n\r\n', lines: ['', ''] },
    { input: 'a\r\r\n', lines: ['a\r'] },
    { input: '\uFEFFa\n', lines: ['\uFEFFa'] },
  ])('$input', async ({ input, lines }) => {
    expect(await linesOf([Buffer.from(input)])).toEqual(lines.map((text) => ({ text })))
  })

  test.each([
    { end: '', lengthBytes: MAX_LINE_BYTES, tooLong: false },
    { end: '\n', lengthBytes: MAX_LINE_BYTES, tooLong: false },
    { end: '\r\n', lengthBytes: MAX_LINE_BYTES, tooLong: false },
    { end: '', lengthBytes: MAX_LINE_BYTES + 1, tooLong: true },
    { end: '\n', lengthBytes: MAX_LINE_BYTES + 1, tooLong: true },
    { end: '\r\n', lengthBytes: MAX_LINE_BYTES + 1, tooLong: true },
  ])('$lengthBytes bytes and $end', async ({ end, lengthBytes, tooLong }) => {
    const text = 'x'.repeat(lengthBytes)
    const expected = [tooLong ? { code: 'too_long' } : { text }, ...(end ? [{ text: 'next' }] : [])]
    expect(await linesOf([Buffer.from(`${text}${end}${end && 'next'}`)])).toEqual(expected)
  })

  test('the cut into chunks does not matter', { timeout: 300_000 }, async () => {
    const part = fc.constantFrom('\n', '\r\n', '\r', 'a', 'é', '\u{1F511}', 'x'.repeat(MAX_LINE_BYTES - 1))
    const input = fc.array(part, { maxLength: 12 }).map((parts) => Buffer.from(parts.join('')))
    await fc.assert(
      fc.asyncProperty(input, fc.array(fc.nat()), async (bytes, cuts) => {
        const ends = [...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b)
        const chunks = ends.map((end, i) => bytes.subarray(ends[i - 1] ?? 0, end))
        expect(await linesOf(chunks)).toEqual(await linesOf([bytes]))
      }),
      { numRuns: SLOW ? 5000 : 200 },
    )
  })

  test('input without an end is too long after 64 KiB, and nothing is read ahead', async () => {
    let pulled = 0
    const endless = (function* () {
      for (;;) {
        pulled++
        yield Buffer.alloc(32 * 1024, 'x')
      }
    })()
    for await (const line of readLines(toAsync(endless))) {
      expect(line).toEqual({ code: 'too_long' })
      break
    }
    expect(pulled).toBe(3)
  })
})

describe('backpressure', () => {
  const endless = function* () {
    for (;;) yield Buffer.from('V9bq2LxT7mZp4RkW\n')
  }

  test.each([
    { name: 'check --lines', command: (io: Io) => check(io, { ...CHARSET, lines: true }) },
    { name: 'generate', command: (io: Io) => generate(io, { format: 'hex', count: 1000 }) },
  ])('$name waits for its reader', async ({ command }) => {
    let writes = 0
    const stdout = new Writable({
      write: (_chunk, _encoding, done) => {
        if (++writes < 4) done() // the fourth is never taken
      },
    })
    void command({ ...memoryIo(endless()), stdout })
    while (writes < 4) await setImmediate()
    for (let turn = 0; turn < 100; turn++) await setImmediate()
    expect(writes).toBe(4)
    expect(stdout.writableLength).toBeLessThan(64) // the one password or result that waits
  })
})

describe('progress', () => {
  const summary = 'sixtybits: checked 3,000 lines, refused 3,000\n'

  /** What stderr gets while 3,000 lines are checked that take `msPerLine` each. */
  async function progressOf(msPerLine: number, isTTY: { stdout: boolean; stderr: boolean }): Promise<string> {
    const io = memoryIo([Buffer.from('kqzvxw\n'.repeat(3000))])
    Object.assign(io.stdout, { isTTY: isTTY.stdout })
    Object.assign(io.stderr, { isTTY: isTTY.stderr })
    let timeMs = 0
    await check(io, { ...CHARSET, lines: true }, () => {
      timeMs += msPerLine
      return timeMs
    })
    return io.written.stderr()
  }

  test('is rewritten every 500 ms and cleared before the summary', async () => {
    const clear = '\r\u001B[K'
    const counts = ['500', '1,000', '1,500', '2,000', '2,500', '3,000']
    const progress = counts.map((count) => `${clear}checked ${count} lines (1,000/s)`).join('')
    expect(await progressOf(1, { stdout: false, stderr: true })).toBe(`${progress}${clear}${summary}`)
  })

  test.each([
    { name: 'says nothing of a check that is soon done', msPerLine: 0.1, stdout: false, stderr: true, shown: summary },
    { name: 'does not run through results on a terminal', msPerLine: 1, stdout: true, stderr: true, shown: summary },
    { name: 'is not written to a file', msPerLine: 1, stdout: false, stderr: false, shown: '' },
  ])('$name', async ({ msPerLine, stdout, stderr, shown }) => {
    expect(await progressOf(msPerLine, { stdout, stderr })).toBe(shown)
  })
})

import type { Io } from './io.js'

const INTERVAL_MS = 500
const CLEAR_LINE = '\r\u001B[K' // ECMA-48 §8.3.41, erase in line

/** How far a long check has come. */
export interface Progress {
  readonly update: (lines: number) => void
  readonly clear: () => void
}

/**
 * One line on stderr, rewritten twice a second. Says nothing where stderr is no terminal, or where stdout is one too:
 * there the results themselves go by.
 */
export function startProgress({ stdout, stderr }: Io, nowMs: () => number): Progress {
  if (!stderr.isTTY || stdout.isTTY) return { update: () => {}, clear: () => {} }
  const startMs = nowMs()
  let shownMs = startMs
  let shown = false
  return {
    update: (lines) => {
      const timeMs = nowMs()
      if (timeMs - shownMs < INTERVAL_MS) return
      shownMs = timeMs
      shown = true
      const rate = formatCount(Math.round((lines * 1000) / (timeMs - startMs)))
      stderr.write(`${CLEAR_LINE}checked ${formatCount(lines)} lines (${rate}/s)`)
    },
    clear: () => {
      if (shown) stderr.write(CLEAR_LINE)
    },
  }
}

/** `12,000` */
export function formatCount(count: number): string {
  return count.toLocaleString('en-US')
}

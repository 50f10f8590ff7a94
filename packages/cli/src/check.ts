import type { EstimateContext, Judgement, Policy } from '@sixtybits/entropy'
import { estimators, floorBits, formatBits, isEstimatorName, judge, refuseUnfit } from '@sixtybits/entropy'
import { CODES } from '@sixtybits/protocol'
import { EXIT, Exit, type ExitCode } from './exit.js'
import { readPassword, readPasswords } from './input.js'
import { type Io, writeResult } from './io.js'
import type { Line } from './lines.js'
import { formatCount, startProgress } from './progress.js'

/** The options of `check` as they were typed: a number that is none is NaN. */
export interface CheckOptions {
  readonly lines?: boolean
  readonly json?: boolean
  readonly role?: string
  readonly word?: readonly string[]
  readonly minBits: number
  readonly estimator: string
}

interface Rules {
  readonly policy: Policy
  readonly context: EstimateContext
}

/** Checks one password, or with `lines` one per line. @throws {Exit} for wrong options or input that is no password. */
export async function check(io: Io, options: CheckOptions, nowMs: () => number = Date.now): Promise<ExitCode> {
  const rules = parseRules(options)
  if (options.lines) return checkLines(io, rules, options.json ? formatJsonLine : formatLine, nowMs)
  const judgement = judgeLine(await readPassword(io), rules)
  await writeResult(io, options.json ? formatJson(judgement, rules) : formatText(judgement))
  return judgement.verdict === 'accept' ? EXIT.done : EXIT.refused
}

async function checkLines(
  io: Io,
  rules: Rules,
  format: (judgement: Judgement, line: number) => string,
  nowMs: () => number,
): Promise<ExitCode> {
  const lines = readPasswords(io)
  const progress = startProgress(io, nowMs)
  let checked = 0
  let refused = 0
  try {
    for await (const line of lines) {
      const judgement = judgeLine(line, rules)
      checked++
      if (judgement.verdict === 'refuse') refused++
      await writeResult(io, format(judgement, checked))
      progress.update(checked)
    }
  } finally {
    progress.clear()
  }
  if (io.stderr.isTTY) {
    io.stderr.write(`sixtybits: checked ${formatCount(checked)} lines, refused ${formatCount(refused)}\n`)
  }
  return refused === 0 ? EXIT.done : EXIT.refused
}

function parseRules({ role, word = [], minBits, estimator }: CheckOptions): Rules {
  if (!Number.isFinite(minBits)) throw new Exit(EXIT.usage, '--min-bits must be a number of at least 0')
  if (!isEstimatorName(estimator)) {
    throw new Exit(EXIT.usage, `--estimator must be one of ${Object.keys(estimators).join(', ')}`)
  }
  const words = role === undefined ? word : [role, ...word]
  return { policy: { minimumBits: minBits, estimator }, context: { words } }
}

function judgeLine(line: Line, { policy, context }: Rules): Judgement {
  return 'text' in line ? judge(line.text, policy, context) : refuseUnfit(line.code, policy.minimumBits)
}

function formatText({ verdict, code, bits, requiredBits, estimate, weakest, hint }: Judgement): string {
  const found = estimate
    ? `${formatBits(bits)} bits of entropy; ${requiredBits} are required`
    : `the password ${CODES[code].text}`
  return [`${verdict}: ${found}\n`, weakest && `weakest part: ${weakest}\n`, hint && `hint: ${hint}\n`]
    .filter(Boolean)
    .join('')
}

/** Bits are cut everywhere, so those of the segments may add up to less than the whole. */
function formatJson(judgement: Judgement, rules: Rules): string {
  const { verdict, code, bits, requiredBits, estimate, weakest, detail, hint } = judgement
  const segments = (estimate?.segments ?? []).map((segment) => ({ ...segment, bits: floorBits(segment.bits) }))
  const { estimator } = rules.policy
  const found = { verdict, bits: floorBits(bits), requiredBits, code, estimator, weakest, detail, hint, segments }
  return `${JSON.stringify(found)}\n`
}

function formatLine({ verdict, bits, code }: Judgement, line: number): string {
  return `${line}\t${verdict}\t${formatBits(bits)}\t${code}\n`
}

function formatJsonLine({ verdict, bits, code }: Judgement, line: number): string {
  return `${JSON.stringify({ line, verdict, bits: floorBits(bits), code })}\n`
}

import {
  generate as draw,
  floorBits,
  formats,
  type Generated,
  type GenerateOptions,
  isFormat,
} from '@sixtybits/entropy'
import { EXIT, Exit, type ExitCode } from './exit.js'
import { type Io, writeResult } from './io.js'

const MAX_COUNT = 1_000_000

/** The options of `generate` as they were typed: a number that is none is NaN. */
export interface GenerateArguments {
  readonly format: string
  readonly bits?: number
  readonly count: number
  readonly prefix?: string
  readonly json?: boolean
}

/** Writes `count` passwords, one per line. @throws {Exit} for wrong options. */
export async function generate(io: Io, { count, json, format, ...rest }: GenerateArguments): Promise<ExitCode> {
  if (!isFormat(format)) throw new Exit(EXIT.usage, `--format must be one of ${formats.join(', ')}`)
  if (!(Number.isInteger(count) && count >= 1 && count <= MAX_COUNT)) {
    throw new Exit(EXIT.usage, '--count must be a whole number from 1 to 1,000,000')
  }
  for (let i = 0; i < count; i++) {
    const generated = drawPassword({ format, ...rest })
    await writeResult(io, json ? formatJson(generated) : `${generated.password}\n`)
  }
  return EXIT.done
}

function drawPassword(options: GenerateOptions): Generated {
  try {
    return draw(options)
  } catch (error) {
    // By its contract the message opens with the name of the option and leaves its value out.
    if (error instanceof RangeError) throw new Exit(EXIT.usage, `--${error.message}`)
    throw error
  }
}

function formatJson({ password, format, bits }: Generated): string {
  return `${JSON.stringify({ password, format, bits: floorBits(bits) })}\n`
}

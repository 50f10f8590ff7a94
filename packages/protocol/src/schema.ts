/** JSON Schema draft-07, as much of it as the wire needs. */
export interface JsonSchema {
  readonly type?: string | readonly string[]
  readonly const?: string | number
  readonly enum?: readonly (string | null)[]
  readonly minLength?: number
  readonly maxLength?: number
  readonly pattern?: string
  readonly required?: readonly string[]
  readonly additionalProperties?: false
  readonly properties?: Readonly<Record<string, JsonSchema>>
}

/** An object with exactly these properties, every one of them present. */
export function exactly(properties: Readonly<Record<string, JsonSchema>>): JsonSchema {
  return { type: 'object', required: Object.keys(properties), additionalProperties: false, properties }
}

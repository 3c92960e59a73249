import { z } from 'zod';

export type JsonSchema = { [key: string]: unknown };

/** A schema as clients send it (`input`) or as the server sends it (`output`). */
type Side = 'input' | 'output';

const isObject = (value: unknown): value is JsonSchema => typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * JSON Schemas for an API document. Schemas with an id become components, each once, and are referred to; a component that
 * would mean two things is a defect and throws.
 */
export class SchemaComponents {
  readonly all: Record<string, JsonSchema> = {};
  readonly #target: 'draft-2020-12' | 'draft-7';

  constructor(target: 'draft-2020-12' | 'draft-7') {
    this.#target = target;
  }

  of(schema: z.ZodType, side: Side): JsonSchema {
    const { $schema: _, $defs, definitions, ...own } = z.toJSONSchema(schema, { target: this.#target, io: side, unrepresentable: 'any' });
    for (const [name, definition] of Object.entries({ ...$defs, ...(isObject(definitions) && definitions) })) {
      if (isObject(definition)) this.#add(name, this.#linked(definition) as JsonSchema);
    }
    return this.#linked(own) as JsonSchema;
  }

  /** One entry a parameter. What text is turned into counts (a number has bounds); a switch is the text that is sent. */
  parameters(schema: z.ZodType, where: 'path' | 'query'): JsonSchema[] {
    const [sent, read] = [this.of(schema, 'input'), this.of(schema, 'output')];
    const [asSent, asRead] = [isObject(sent.properties) ? sent.properties : {}, isObject(read.properties) ? read.properties : {}];
    const required = Array.isArray(sent.required) ? sent.required : [];
    return Object.keys(asSent).map((name) => {
      const turned = asRead[name];
      const useful = isObject(turned) && Object.keys(turned).length > 0 ? turned : asSent[name];
      return { name, in: where, required: where === 'path' || required.includes(name), schema: useful };
    });
  }

  #add(name: string, definition: JsonSchema): void {
    const { id: _, ...content } = definition;
    const before = this.all[name];
    if (before !== undefined && JSON.stringify(before) !== JSON.stringify(content)) {
      throw new Error(`The schema ${name} means two things in one document`);
    }
    this.all[name] = content;
  }

  #linked(value: unknown): unknown {
    if (Array.isArray(value)) return value.map((item) => this.#linked(item));
    if (!isObject(value)) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [
        key,
        key === '$ref' && typeof item === 'string'
          ? item.replace(/^#\/(\$defs|definitions)\//, '#/components/schemas/')
          : this.#linked(item),
      ]),
    );
  }
}

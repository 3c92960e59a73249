import { Ajv, type ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';

export type Json = Record<string, unknown>;

export interface Parameter {
  name: string;
  in: 'path' | 'query';
  required: boolean;
  schema: Json;
}

export interface Operation {
  name: string;
  method: string;
  path: string;
  /** What kind of thing it is about: `thread`, `community`. */
  kind: string;
  parameters: Parameter[];
  /** Null for one that takes no body. */
  body: Json | null;
  /** Schemas of answers by status; null where nothing is answered. */
  answers: Map<number, Json | null>;
}

export interface EventOfClient {
  name: string;
  payload: Json;
  acknowledgement: Json;
}

const at = (document: Json, ref: string): Json =>
  ref
    .slice(2)
    .split('/')
    .reduce<unknown>((node, key) => (node as Json)[key], document) as Json;

/** What a node says of itself at `/openapi.json` and `/asyncapi.json`. */
export class Documents {
  readonly operations: Operation[];
  readonly events: EventOfClient[];
  readonly #open: Json;
  readonly #async: Json;
  readonly #checks = new Map<Json, ValidateFunction>();
  readonly #openAjv = new Ajv2020({ strict: false, validateFormats: false });
  readonly #asyncAjv = new Ajv({ strict: false, validateFormats: false });

  constructor(open: Json, asynchronous: Json) {
    this.#open = open;
    this.#async = asynchronous;
    this.operations = operationsOf(open);
    this.events = eventsOf(asynchronous);
  }

  static async of(url: string): Promise<Documents> {
    const read = async (path: string): Promise<Json> => (await (await fetch(`${url}${path}`)).json()) as Json;
    return new Documents(await read('/openapi.json'), await read('/asyncapi.json'));
  }

  /** The schema that a reference of either document means. */
  resolve(ref: string, side: 'rest' | 'socket'): Json {
    return at(side === 'rest' ? this.#open : this.#async, ref);
  }

  get problem(): Json {
    return this.resolve('#/components/schemas/Problem', 'rest');
  }

  /** What is wrong with an answer by its schema; null when it fits. */
  misfit(schema: Json, value: unknown, side: 'rest' | 'socket'): string | null {
    let check = this.#checks.get(schema);
    if (!check) {
      const ajv = side === 'rest' ? this.#openAjv : this.#asyncAjv;
      const { components } = side === 'rest' ? this.#open : this.#async;
      check = ajv.compile({ ...schema, components });
      this.#checks.set(schema, check);
    }
    if (check(value)) return null;
    return (check.errors ?? [])
      .slice(0, 3)
      .map(({ instancePath, message }) => `${instancePath} ${message}`)
      .join('; ');
  }
}

const operationsOf = (open: Json): Operation[] =>
  Object.entries(open.paths as Record<string, Record<string, Json>>).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): Operation => {
      const responses = Object.entries(operation.responses as Record<string, Json>);
      return {
        name: String(operation.operationId ?? path),
        method: method.toUpperCase(),
        path,
        kind: String((operation.tags as string[])[0])
          .replace(/ies$/, 'y')
          .replace(/s$/, ''),
        parameters: (operation.parameters ?? []) as Parameter[],
        body: schemaIn(operation.requestBody as Json | undefined),
        answers: new Map(responses.map(([status, response]) => [Number(status), schemaIn(response)])),
      };
    }),
  );

const schemaIn = (part: Json | undefined): Json | null =>
  (part?.content as Record<string, { schema: Json }> | undefined)?.['application/json']?.schema ?? null;

const eventsOf = (asynchronous: Json): EventOfClient[] => {
  const operations = Object.entries(asynchronous.operations as Record<string, Json>);
  return operations
    .filter(([, { action }]) => action === 'receive')
    .map(([name, operation]) => {
      const message = (refs: unknown): Json => at(asynchronous, (refs as { $ref: string }[])[0]!.$ref);
      return {
        name: String(message(operation.messages).name ?? name),
        payload: message(operation.messages).payload as Json,
        acknowledgement: message((operation.reply as Json).messages).payload as Json,
      };
    });
};

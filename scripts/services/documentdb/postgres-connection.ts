import { dirname } from 'node:path';
import { Client, DatabaseError } from 'pg';

/** Statements are prepared once a connection, under their name. */
export interface Statement {
  name: string;
  sql: string;
}

/** The columns of the first row: a document as its bytes, anything else as PostgreSQL's text. A statement without rows answers none. */
export type Columns = (Buffer | null)[];

/** PostgreSQL refused the statement; the connection stays usable. */
export class PostgresError extends Error {
  constructor(
    readonly sqlState: string,
    message: string,
  ) {
    super(message);
  }
}

/** The connection is gone, and with it the knowledge of whether the last statement took effect. */
export class PostgresLost extends Error {
  constructor(
    reason: string,
    /** Why PostgreSQL refused the connection, when it said so. */
    readonly sqlState?: string,
  ) {
    super(reason);
  }
}

/**
 * Results come as text, because pg reads every column as UTF-8: its `binary` would damage documents. DocumentDB's types, which stand
 * behind PostgreSQL's own numbers, are BSONHEX and the bytes in hex.
 */
const firstExtensionType = 16384;
const types = {
  getTypeParser: (type: number) => (text: string) =>
    type < firstExtensionType ? Buffer.from(text) : Buffer.from(text.slice('BSONHEX'.length), 'hex'),
};

/** One connection over PostgreSQL's Unix socket, one statement at a time. Parameters go as binary. */
export class PostgresConnection {
  readonly #client: Client;
  #lost: PostgresLost | undefined;
  /** Called once; `ours` tells an end that we asked for from a loss. */
  onClose: ((ours: boolean) => void) | undefined;

  private constructor(client: Client) {
    this.#client = client.on('error', (error) => this.#lose(error));
  }

  static async open(socketPath: string, user: string, database: string): Promise<PostgresConnection> {
    const host = dirname(socketPath);
    const client = new Client({ host, port: 5432, user, database, ssl: false, application_name: 'parley gateway', types });
    const connection = new PostgresConnection(client);
    await client.connect().catch((error: Error) => Promise.reject(connection.#lose(error)));
    return connection;
  }

  get closed(): boolean {
    return this.#lost !== undefined;
  }

  async run({ name, sql }: Statement, parameters: (Buffer | null)[]): Promise<Columns> {
    try {
      const { rows } = await this.#client.query<Columns>({ name, text: sql, values: parameters, rowMode: 'array' });
      return rows[0] ?? [];
    } catch (error) {
      if (error instanceof DatabaseError && error.severity === 'ERROR') throw new PostgresError(error.code ?? 'XX000', error.message);
      throw this.#lose(error as Error);
    }
  }

  end(): void {
    this.#lose(new Error('ended by the gateway'), true);
  }

  #lose(error: Error & { code?: string }, ours = false): PostgresLost {
    if (this.#lost) return this.#lost;
    this.#lost = new PostgresLost(error.message, error.code);
    void this.#client.end();
    this.onClose?.(ours);
    return this.#lost;
  }
}

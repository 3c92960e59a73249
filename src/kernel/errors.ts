/**
 * The one table of errors. A code here is the whole vocabulary of failure at both doors (REST problems and socket
 * acknowledgements), between actors and in logs. Free of Node APIs: the browser client imports it too.
 */
export const errorTable = {
  validation_failed: { status: 400, title: 'The request does not have the expected form', retryable: false },
  unauthenticated: { status: 401, title: 'Sign in first', retryable: false },
  forbidden: { status: 403, title: 'You may not do this', retryable: false },
  not_found: { status: 404, title: 'There is no such thing, or not for you', retryable: false },
  conflict: { status: 409, title: 'This collides with what is already there', retryable: false },
  payload_too_large: { status: 413, title: 'The request is too large', retryable: false },
  rate_limited: { status: 429, title: 'Too many requests', retryable: true },
  overloaded: { status: 503, title: 'Too busy right now', retryable: true },
  unavailable: { status: 503, title: 'Not available right now', retryable: true },
  timeout: { status: 504, title: 'No answer in time; the outcome is unknown', retryable: true },
} as const;

export type ErrorCode = keyof typeof errorTable;

/** One wrong place in a request: a dotted path into it and what is wrong there. */
export interface FieldError {
  path: string;
  message: string;
}

/** An item of a ledger as it is now, which is another than whoever asked knew. */
export interface PresentItem {
  kind: string;
  key: string;
  rev: number;
  value?: unknown;
  deleted?: true;
}

export interface FaultDetails {
  errors?: FieldError[] | undefined;
  /** With `conflict`. */
  item?: PresentItem | undefined;
  retry_after_ms?: number | undefined;
}

/**
 * The one error class that may reach a caller. `message` is written for the caller: no secrets, no message text, no
 * stack. Anything else that is thrown is a defect: it is logged, and the caller sees `unavailable`.
 */
export class Fault extends Error {
  readonly code: ErrorCode;
  readonly errors: FieldError[] | undefined;
  readonly item: PresentItem | undefined;
  readonly retry_after_ms: number | undefined;

  constructor(code: ErrorCode, message?: string, details: FaultDetails = {}, cause?: unknown) {
    super(message ?? errorTable[code].title, cause === undefined ? undefined : { cause });
    this.name = 'Fault';
    this.code = code;
    this.errors = details.errors;
    this.item = details.item;
    this.retry_after_ms = details.retry_after_ms;
  }

  get status(): number {
    return errorTable[this.code].status;
  }

  get retryable(): boolean {
    return errorTable[this.code].retryable;
  }

  /** What crosses process borders and reaches clients. */
  toJSON(): FaultJson {
    return {
      code: this.code,
      message: this.message,
      ...(this.errors && { errors: this.errors }),
      ...(this.item && { item: this.item }),
      ...(this.retry_after_ms !== undefined && { retry_after_ms: this.retry_after_ms }),
    };
  }

  static fromJSON(json: FaultJson): Fault {
    const code = json.code in errorTable ? json.code : 'unavailable';
    return new Fault(code, json.message, { errors: json.errors, item: json.item, retry_after_ms: json.retry_after_ms });
  }

  /** Any thrown thing as a Fault; a defect becomes `unavailable` with the thing as its cause. */
  static from(thrown: unknown): Fault {
    return thrown instanceof Fault ? thrown : new Fault('unavailable', 'Something went wrong on our side', {}, thrown);
  }
}

export interface FaultJson {
  code: ErrorCode;
  message: string;
  errors?: FieldError[] | undefined;
  item?: PresentItem | undefined;
  retry_after_ms?: number | undefined;
}

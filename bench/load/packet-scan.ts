/** A message as it is found in a packet; one object is used again and again. */
export interface Seen {
  /** The last 12 hex digits of the thread's id as a number. */
  thread: number;
  rev: number;
  sender: number;
  /** Of the sender's messages. */
  number: number;
  /** Microseconds. */
  intendedUs: number;
}

export interface PacketSink {
  message(seen: Seen): void;
  /** The server says that events were withheld. */
  resync(): void;
  /** A packet of several events. */
  packed(): void;
}

/** The last 12 of an id's 24 hex digits: 48 bits, and enough to tell the threads of a run apart. */
export const threadNumber = (id: string): number => Number.parseInt(id.slice(-12), 16);

const pattern = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));
const threadKey = pattern('"thread_id":"');
const revKey = pattern('"rev":');
const contentKey = pattern('"content":"b ');
const newMessage = pattern('"new_message"');
const resync = pattern('"resync"');
const batch = pattern('"batch"');
const quote = 0x22;
const bracket = 0x5b;

const isAt = (bytes: Uint8Array, at: number, to: number, wanted: Uint8Array): boolean => {
  if (at + wanted.length > to) return false;
  for (let i = 1; i < wanted.length; i++) if (bytes[at + i] !== wanted[i]) return false;
  return true;
};

let end = 0;
/** Reads digits; `end` is then behind the last one. */
const digits = (bytes: Uint8Array, from: number, to: number): number => {
  let value = 0;
  let at = from;
  for (; at < to; at++) {
    const digit = bytes[at]! - 0x30;
    if (digit < 0 || digit > 9) break;
    value = value * 10 + digit;
  }
  end = at;
  return value;
};

const hex = (bytes: Uint8Array, from: number, to: number): number => {
  let value = 0;
  for (let at = from; at < to; at++) {
    const code = bytes[at]!;
    value = value * 16 + (code <= 0x39 ? code - 0x30 : (code | 0x20) - 0x57);
  }
  return value;
};

const seen: Seen = { thread: 0, rev: 0, sender: 0, number: 0, intendedUs: 0 };

/**
 * Finds the new messages of an event packet (`42[…]`, one event or a batch of them) in one walk over its quotes, without parsing
 * JSON or making strings. Only contents as `contentOf` makes them count as messages.
 */
export const scanEvents = (bytes: Uint8Array, from: number, to: number, sink: PacketSink): void => {
  let inMessage = false;
  let hasThread = false;
  let hasRev = false;
  let hasContent = false;
  for (let at = from; at < to; at++) {
    if (bytes[at] !== quote) continue;
    switch (bytes[at + 1]) {
      case 0x74: // t
        if (inMessage && isAt(bytes, at, to, threadKey)) {
          seen.thread = hex(bytes, at + threadKey.length + 12, at + threadKey.length + 24);
          hasThread = true;
          at += threadKey.length + 24;
        }
        break;
      case 0x72: // r
        if (inMessage && isAt(bytes, at, to, revKey)) {
          seen.rev = digits(bytes, at + revKey.length, to);
          hasRev = true;
          at = end - 1;
        } else if (bytes[at - 1] === bracket && isAt(bytes, at, to, resync)) {
          inMessage = false;
          sink.resync();
        }
        break;
      case 0x63: // c
        if (inMessage && isAt(bytes, at, to, contentKey)) {
          seen.sender = digits(bytes, at + contentKey.length, to);
          seen.number = digits(bytes, end + 1, to);
          seen.intendedUs = digits(bytes, end + 1, to);
          hasContent = true;
          at = end;
        }
        break;
      case 0x6e: // n
        if (bytes[at - 1] === bracket && isAt(bytes, at, to, newMessage)) {
          inMessage = true;
          hasThread = false;
          hasRev = false;
          hasContent = false;
          at += newMessage.length - 1;
        }
        break;
      case 0x62: // b
        if (bytes[at - 1] === bracket && isAt(bytes, at, to, batch)) sink.packed();
        break;
      default:
        break;
    }
    if (hasThread && hasRev && hasContent && inMessage) {
      inMessage = false;
      sink.message(seen);
    }
  }
};

import type { Clock, Timer } from '../../kernel/clock.js';
import { Fault, type FaultJson } from '../../kernel/errors.js';
import type { Telemetry } from '../../kernel/telemetry.js';
import { ReadEvent } from '../socket/frame-decoder.js';
import { plainEvent, plainPingFrame, textFrame } from '../socket/frames.js';
import { type Connection, type Cuttable, writeFrames } from '../socket/outlet.js';
import type { Passage } from '../socket/passage.js';
import type { Asked } from './address.js';
import { AnsweredBy, PlainAnswer } from './answer.js';
import { type ClientFrame, type Ref, readFrame, refIn, withoutOwnId } from './frame.js';
import { draining, type Goodbye, goingAway, notText, policy, turnedAway } from './goodbye.js';
import type { Packet, PlainTransport } from './transport.js';

export interface ConversationParts {
  clock: Clock;
  telemetry: Telemetry;
  /** Something that was read was refused. */
  refused: (passage: Passage) => void;
}

/** How long a connection may be silent before it says who it is, ms. */
export const signInMs = 5_000;
/** What may have come beside the frame that signs in, bytes. No more is read until that is decided. */
const mostHeld = 131_072;

/** Until somebody signs in; while that is looked at; from then on; and when it is to end. */
type Stage = 'unknown' | 'entering' | 'in' | 'over';

/**
 * One plain WebSocket, put in Socket.IO's words and back: what holds for Socket.IO's connections (bounds, rooms, slow
 * readers, pings, tokens that end) holds for this one by the same code. Nothing throws; whatever is wrong is answered,
 * or ends this one connection with a code and a word.
 */
export class Conversation {
  readonly #parts: ConversationParts;
  readonly #transport: PlainTransport;
  #stage: Stage = 'unknown';
  /** Of the frame that signs in. */
  #ref: Ref | undefined;
  #held: string[] = [];
  #heldBytes = 0;
  #timer: Timer | undefined;

  constructor(parts: ConversationParts, transport: PlainTransport) {
    this.#parts = parts;
    this.#transport = transport;
  }

  /** At once, before anything is read. */
  begin({ memberId, token }: Asked): void {
    const transport = this.#transport;
    const { socket, send } = transport;
    transport.isPlain = true;
    transport.ofMember = memberId;
    socket.removeAllListeners('message');
    socket.on('message', (data: Buffer, isBinary) => this.#heard(data, isBinary));
    socket.on('pong', () => transport.onPacket({ type: 'pong' }));
    socket.once('close', () => this.#over());
    socket.tooMuch = (frame, error) => this.#refuse(refIn(frame.toString('utf8', 0, 4_096)), error);
    transport.send = (packets) => {
      const spoken = packets.flatMap((packet) => this.#spoken(packet) ?? []);
      if (spoken.length > 0) send.call(transport, spoken);
      else transport.emit('drain');
    };
    transport.doClose = (done) => {
      this.#over();
      const { code, reason } = transport.goodbye ?? goingAway;
      socket.close(code, reason);
      done?.();
    };
    if (token === undefined) this.#timer = this.#parts.clock.after(signInMs, () => this.#tooLate());
    // Socket.IO does not know of the connection yet.
    else process.nextTick(() => this.#enter({ token }));
    if (token !== undefined) socket.pause();
  }

  #heard(data: Buffer, isBinary: boolean): void {
    if (isBinary) this.#end(notText);
    else if (this.#stage === 'in') this.#take(data.toString());
    else if (this.#stage === 'unknown') this.#signIn(data.toString());
    else if (this.#stage === 'entering') this.#hold(data);
  }

  #hold(data: Buffer): void {
    this.#heldBytes += data.length;
    if (this.#heldBytes > mostHeld) this.#end(policy('too_much_before_signing_in'));
    else this.#held.push(data.toString());
  }

  /** It has one try. */
  #signIn(text: string): void {
    this.#timer?.cancel();
    try {
      const { action, ref, payload } = readFrame(text);
      if (action !== 'authenticate') throw new Fault('unauthenticated', 'The first frame is {action: "authenticate", token}');
      this.#ref = ref;
      this.#enter(payload);
    } catch (thrown) {
      const fault = Fault.from(thrown);
      this.#refuse(refIn(text), fault);
      this.#end(turnedAway(fault.code));
    }
  }

  #tooLate(): void {
    this.#refuse(undefined, new Fault('unauthenticated', `Sign in within ${signInMs / 1_000} s`));
    this.#end(policy('unauthenticated'));
  }

  #enter(auth: Record<string, unknown>): void {
    if (this.#stage !== 'unknown') return;
    this.#stage = 'entering';
    this.#transport.socket.pause();
    this.#transport.onPacket({ type: 'message', data: `0${JSON.stringify(auth)}` });
  }

  /** Once Socket.IO has given the connection its socket: what came meanwhile, and then what comes. */
  #entered(): void {
    if (this.#stage !== 'entering') return;
    this.#stage = 'in';
    const held = this.#held;
    this.#held = [];
    for (const text of held) if (this.#isOpen) this.#take(text);
    this.#transport.socket.resume();
  }

  get #isOpen(): boolean {
    return this.#stage === 'in';
  }

  #take(text: string): void {
    let frame: ClientFrame | undefined;
    try {
      frame = readFrame(text);
      if (frame.action === 'authenticate') throw new Fault('validation_failed', 'This connection has signed in already');
      const payload = withoutOwnId(frame, this.#transport.socket.passage?.memberId);
      this.#transport.onPacket({ type: 'message', data: new ReadEvent(frame.action, payload, new AnsweredBy(frame.ref)) });
    } catch (thrown) {
      const fault = Fault.from(thrown);
      const { passage } = this.#transport.socket;
      if (passage && fault.code === 'validation_failed') this.#parts.refused(passage);
      this.#parts.telemetry.socketEvents.inc({ event: 'unknown', outcome: fault.code });
      this.#refuse(frame ? frame.ref : refIn(text), fault);
    }
  }

  #refuse(ref: Ref | undefined, fault: Fault): void {
    const conn = this.#conn as unknown as Connection | undefined;
    if (conn) writeFrames({ conn }, new PlainAnswer(ref, { ok: false, error: fault.toJSON() }), { direct: false });
  }

  /** What Engine.IO has to say, as it is said here; undefined where that is nothing. */
  #spoken(packet: Packet): Packet | undefined {
    if (packet.options?.wsPreEncodedFrame) return packet;
    if (packet.type === 'ping') return framed(plainPingFrame());
    if (packet.type !== 'message' || typeof packet.data !== 'string') return undefined;
    const text = this.#plainOf(packet.data);
    return text === undefined ? undefined : framed(textFrame(text));
  }

  /** A packet of Socket.IO, or what is plain already. */
  #plainOf(packet: string): string | undefined {
    const rest = packet.slice(1);
    switch (packet[0]) {
      case '{':
        return packet;
      case '0':
        return this.#welcome();
      case '4':
        return this.#turnAway(JSON.parse(rest) as { message: string; data?: FaultJson });
      case '2':
        return this.#event(rest);
      default:
        return undefined;
    }
  }

  #welcome(): string | undefined {
    process.nextTick(() => this.#entered());
    if (this.#ref === undefined) return undefined;
    const member_id = this.#transport.socket.passage?.memberId;
    return JSON.stringify({ ref: this.#ref, ok: true, data: { member_id } });
  }

  #turnAway({ message, data }: { message: string; data?: FaultJson }): string {
    const error = data ?? new Fault('unavailable', message).toJSON();
    this.#transport.goodbye = turnedAway(error.code);
    return JSON.stringify({ ref: this.#ref, ok: false, error });
  }

  #event(text: string): string {
    const [name] = JSON.parse(text) as [string];
    if (name === 'draining') this.#transport.goodbye = draining;
    if (name === 'session_ended') this.#transport.goodbye = policy('session_ended');
    return plainEvent({ name, text });
  }

  #end(goodbye: Goodbye): void {
    if (this.#stage === 'over') return;
    this.#over();
    this.#transport.goodbye = goodbye;
    this.#conn?.close();
  }

  #over(): void {
    this.#stage = 'over';
    this.#timer?.cancel();
    this.#held = [];
    // Or the other end's goodbye would not be heard.
    this.#transport.socket.resume();
  }

  get #conn(): Cuttable | undefined {
    return this.#transport.socket.passage?.conn;
  }
}

const framed = (frame: Buffer): Packet => ({ type: 'message', options: { wsPreEncodedFrame: [frame], compress: false } });

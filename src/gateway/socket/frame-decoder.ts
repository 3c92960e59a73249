import { Decoder, Encoder, PacketType } from 'socket.io-parser';
import { inspectJsonText } from '../inspect.js';

/**
 * Stands for an event whose frame was refused, so that its acknowledgement can still say so. A client that sends this
 * name itself gets the same answer as for any unknown event.
 */
export const refusedEvent = 'refused frame';

/** An event that another door has read and looked through already. No frame of Socket.IO becomes one. */
export class ReadEvent {
  constructor(
    readonly name: string,
    readonly payload: unknown,
    /** By what it is answered; given on to the socket's `ack` as it is. */
    readonly answeredBy: unknown,
  ) {}
}

/** Type, number of attachments, namespace, acknowledgement id. Anchored and without nested repetition. */
const header = /^([0-6])(?:(\d{1,3})-)?(?:(\/[^,]{0,100}),)?(\d{0,15})/;
const maxAttachments = 10;

const connect = String(PacketType.CONNECT);
const isEvent = (type: number): boolean => type === PacketType.EVENT || type === PacketType.BINARY_EVENT;
const isBinaryType = (type: number): boolean => type === PacketType.BINARY_EVENT || type === PacketType.BINARY_ACK;

/**
 * Looks at a frame's text before it is parsed: nesting, number of values, forbidden keys. A refused event is passed on
 * without its content; anything else that is refused throws, which closes this one connection. Binary is refused
 * likewise, and the attachments that were announced are swallowed. The first packet is a CONNECT and no other is, to
 * whatever namespace: a connection has one try to sign in, and goes on being the same when polling becomes a WebSocket.
 */
export class FrameDecoder extends Decoder {
  #attachments = 0;
  #hasConnected = false;

  override add(frame: unknown): void {
    if (frame instanceof ReadEvent) {
      this.emitReserved('decoded', { type: PacketType.EVENT, nsp: '/', data: [frame.name, frame.payload], id: frame.answeredBy as number });
      return;
    }
    const isConnect = typeof frame === 'string' && frame.startsWith(connect);
    if (isConnect === this.#hasConnected) throw new Error(isConnect ? 'a second CONNECT' : 'something before CONNECT');
    this.#hasConnected = true;
    if (typeof frame !== 'string') {
      if (this.#attachments === 0) throw new Error('binary that was not announced');
      this.#attachments--;
      return;
    }
    if (this.#attachments > 0) throw new Error('text in place of an attachment');
    const head = header.exec(frame);
    if (!head) throw new Error('not a packet');
    const type = Number(head[1]);
    if (isBinaryType(type)) {
      const attachments = Number(head[2] ?? Number.NaN);
      if (!(attachments >= 1 && attachments <= maxAttachments)) throw new Error('attachments without a sensible number');
      this.#attachments = attachments;
      this.#refuse(type, head);
      return;
    }
    try {
      inspectJsonText(frame.slice(head[0].length));
    } catch {
      this.#refuse(type, head);
      return;
    }
    super.add(frame);
  }

  #refuse(type: number, head: RegExpExecArray): void {
    if (!isEvent(type)) throw new Error('a packet that may not be passed on');
    this.emitReserved('decoded', {
      type: PacketType.EVENT,
      nsp: head[3] ?? '/',
      data: [refusedEvent],
      ...(head[4] && { id: Number(head[4]) }),
    });
  }
}

/** Socket.IO's own packet format with a careful reader. */
export const frameParser = { Encoder, Decoder: FrameDecoder };

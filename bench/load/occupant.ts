import { connect, type Socket } from 'node:net';
import { noFaults, Sequence, type SequenceFaults } from './sequence.js';

export interface OccupantOptions {
  port: number;
  host: string;
  /** The room's address. */
  room: string;
  nick: string;
}

const body = /<body>b (\d+) (\d+) /g;
const lastStanza = '</message>';

/**
 * Somebody in a room of an XMPP server, with as little of the protocol as that takes (RFC 6120, XEP-0045). Counts what it hears of
 * `contentOf`, whose numbers must come one after the other from each sender.
 */
export class Occupant {
  readonly faults: SequenceFaults = noFaults();
  heard = 0;
  lost = false;
  readonly #room: string;
  readonly #socket: Socket;
  readonly #senders = new Map<number, Sequence>();
  #text = '';
  #isReading = false;

  private constructor(room: string, socket: Socket) {
    this.#room = room;
    this.#socket = socket;
  }

  /** Resolves when the room has let it in; rejects with what the server said instead. */
  static async enter({ port, host, room, nick }: OccupantOptions): Promise<Occupant> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    const occupant = new Occupant(room, socket);
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => occupant.#read(text));
    const open = `<?xml version='1.0'?><stream:stream to='${host}' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>`;
    await occupant.#said(open, '</stream:features>');
    await occupant.#said(`<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='ANONYMOUS'/>`, '<success');
    await occupant.#said(open, '</stream:features>');
    await occupant.#said(`<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>`, '</iq>');
    const presence = `<presence to='${room}/${nick}'><x xmlns='http://jabber.org/protocol/muc'><history maxstanzas='0'/></x></presence>`;
    await occupant.#said(presence, '<subject');
    occupant.#text = '';
    occupant.#isReading = true;
    const gone = (): void => {
      occupant.lost = true;
    };
    socket.on('error', gone).on('close', gone);
    return occupant;
  }

  /** Says it and waits for the word in the answer. */
  #said(stanza: string, word: string): Promise<void> {
    this.#text = '';
    this.#socket.write(stanza);
    return new Promise((resolve, reject) => {
      const end = (why: string | null): void => {
        this.#socket.off('data', look).off('error', failed).off('close', closed);
        if (why === null) resolve();
        else reject(new Error(`an occupant is not let in: ${why}`));
      };
      const look = (): void => {
        if (this.#text.includes(word)) end(null);
        else if (/<failure|<stream:error|type='error'/.test(this.#text)) end(this.#text.slice(0, 300));
      };
      const failed = (error: Error): void => end(error.message);
      const closed = (): void => end('closed');
      this.#socket.on('data', look).on('error', failed).on('close', closed);
    });
  }

  /** `content` needs no escaping. */
  say(content: string): void {
    this.#socket.write(`<message to='${this.#room}' type='groupchat'><body>${content}</body></message>`);
  }

  #read(text: string): void {
    this.#text += text;
    if (!this.#isReading) return;
    const end = this.#text.lastIndexOf(lastStanza);
    if (end < 0) return;
    for (const [, sender, number] of this.#text.slice(0, end).matchAll(body)) this.#hear(Number(sender), Number(number));
    this.#text = this.#text.slice(end + lastStanza.length);
  }

  #hear(sender: number, number: number): void {
    let sequence = this.#senders.get(sender);
    if (!sequence) {
      sequence = new Sequence(0, this.faults);
      this.#senders.set(sender, sequence);
    }
    if (sequence.see(number)) this.heard += 1;
  }

  close(): void {
    this.#socket.removeAllListeners('close').destroy();
  }
}

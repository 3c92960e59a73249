import { Answered } from './answered.js';
import { RemoteReply } from './remote-reply.js';

/** What asks that came by mail are answered: each once, and once more when it comes again, as far as Answered remembers. */
export class Answers {
  readonly #answered = new Answered();
  readonly #tell: (askedBy: string, text: string) => void;

  /** `tell` gives an encoded answer to the instance that asked. */
  constructor(tell: (askedBy: string, text: string) => void) {
    this.#tell = tell;
  }

  /** Where an ask that is to be done is answered. Undefined: it is under way here, or was done, and the asker is told again. */
  begin(id: string, askedBy: string): RemoteReply | undefined {
    const known = this.#answered.begin(id);
    if (known === undefined) return this.replyTo(id, askedBy);
    if (known !== 'running') this.#tell(askedBy, known);
    return undefined;
  }

  replyTo(id: string, askedBy: string): RemoteReply {
    return new RemoteReply(id, askedBy, this.#answer);
  }

  /** It is not answered here: another instance does it, or its sender looks again. */
  leave(reply: RemoteReply): void {
    this.#answered.forget(reply.id);
    reply.drop();
  }

  readonly #answer = (reply: RemoteReply, text: string): void => {
    this.#answered.end(reply.id, text);
    this.#tell(reply.askedBy, text);
  };
}

import { Agent, request } from 'node:http';
import type { Cast } from './cast.js';
import type { Documents } from './documents.js';
import { type Answer, judgeAnswer } from './judge.js';
import type { RestCase } from './rest-cases.js';

const answerLimitMs = 20_000;

/** Asks, and throws with what is wrong with the answer. Answers what came, for the count. */
export class RestDoor {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 4 });
  readonly #url: URL;
  readonly #documents: Documents;

  constructor(url: string, documents: Documents) {
    this.#url = new URL(url);
    this.#documents = documents;
  }

  async try(one: RestCase, cast: Cast): Promise<string> {
    const token = one.headers.some(([name]) => name === 'authorization') ? null : cast.token(one.as);
    const answer = await this.#ask(one, token);
    if (answer === null) return 'cut off';
    judgeAnswer(one, answer, this.#documents);
    if (answer.status === 401 && token !== null) await cast.replace(one.as);
    return String(answer.status);
  }

  close(): void {
    this.#agent.destroy();
  }

  #ask(one: RestCase, token: string | null): Promise<Answer | null> {
    const body = one.body === null ? null : Buffer.from(one.body, 'latin1');
    const headers: string[] = [
      'host',
      this.#url.host,
      ...one.headers.filter(([name]) => body !== null || !name.startsWith('content-')).flat(),
    ];
    if (token !== null) headers.push('authorization', `Bearer ${token}`);
    if (body !== null) headers.push('content-length', String(body.length + one.cut));
    const isCut = body !== null && one.cut > 0;
    const { hostname, port } = this.#url;
    return new Promise((resolve, reject) => {
      const going = request({ hostname, port, path: one.path, method: one.method, headers, agent: isCut ? false : this.#agent });
      going.setTimeout(answerLimitMs, () => going.destroy(new Error(`no answer in ${answerLimitMs / 1000} s`)));
      let answered = false;
      going.on('response', (response) => {
        answered = true;
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks).toString('utf8') }),
        );
      });
      going.on('error', (error: NodeJS.ErrnoException) => {
        if (answered) return;
        // A server that has refused a body may close before it has taken all of it.
        if (isCut || (error.code === 'ECONNRESET' && going.reusedSocket) || error.code === 'EPIPE') resolve(null);
        else reject(error);
      });
      if (body === null) going.end();
      else if (isCut) {
        going.write(body);
        going.flushHeaders();
        setTimeout(() => going.destroy(), 20);
      } else going.end(body);
    });
  }
}

import type { ParleyClient } from '../../src/client/index.js';
import { Fault } from '../../src/protocol/problem.js';
import type { LiveMessage } from '../../src/protocol/resources.js';
import { startCluster, type TestCluster } from '../cluster/harness.js';
import { signUpAndConnect, token } from '../cluster/people.js';
import { type Answer, knock } from './rest-door.js';

/** Three people on one node, connected, and ways for them to ask for what the typed client would not let them. */
export class Trio {
  private constructor(
    readonly cluster: TestCluster,
    readonly owner: ParleyClient,
    readonly member: ParleyClient,
    readonly stranger: ParleyClient,
  ) {}

  static async meet(): Promise<Trio> {
    const cluster = await startCluster({ nodes: 1 });
    const [owner, member, stranger] = await Promise.all([
      signUpAndConnect(cluster.urls, 'owner'),
      signUpAndConnect(cluster.urls, 'member'),
      signUpAndConnect(cluster.urls, 'stranger'),
    ]);
    return new Trio(cluster, owner, member, stranger);
  }

  get url(): string {
    return this.cluster.urls[0] as string;
  }

  get everyone(): ParleyClient[] {
    return [this.owner, this.member, this.stranger];
  }

  async part(): Promise<void> {
    for (const client of this.everyone) client.close();
    await this.cluster.stop();
  }

  /** Any method, path and body, by somebody. */
  async rest(client: ParleyClient, method: string, path: string, json?: unknown): Promise<Answer> {
    return knock(this.url, `/api${path}`, { method, token: await token(client), ...(json !== undefined && { json }) });
  }

  /** Any event and payload, by somebody. */
  emit(client: ParleyClient, event: string, payload: unknown): Promise<unknown> {
    return client.emit(event as 'join_thread', payload as { thread_id: string });
  }
}

export const idOf = (client: ParleyClient): string => client.memberId as string;

export const usernameOf = async (client: ParleyClient): Promise<string> =>
  (await client.operations.getMember({ member_id: idOf(client) })).username;

export const say = async (by: ParleyClient, threadId: string, content: string): Promise<LiveMessage> =>
  (await by.operations.sendMessage({ thread_id: threadId, content })) as LiveMessage;

/** `ok`, or the code of the Fault. */
export const codeOf = (asked: Promise<unknown>): Promise<string> =>
  asked.then(
    () => 'ok',
    (thrown: unknown) => Fault.from(thrown).code,
  );

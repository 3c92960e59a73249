/**
 * Bun's native publish under the same load as the other peers: rooms, messages, acknowledgements, and nothing besides. Run by `bun`,
 * not by node; says its port on a line.
 */
interface BunSocket {
  subscribe(topic: string): void;
  send(text: string): number;
}
interface BunServer {
  readonly port: number;
  publish(topic: string, text: string): number;
  upgrade(request: Request): boolean;
}
declare const Bun: {
  serve(options: {
    hostname: string;
    port: number;
    fetch(request: Request, server: BunServer): Response | undefined;
    websocket: { idleTimeout: number; open(socket: BunSocket): void; message(socket: BunSocket, text: string): void };
  }): BunServer;
};

const heads = new Map<string, number>();
let ids = 0;

const publish = (thread_id: string, content: string, nonce: string | null): object => {
  const rev = (heads.get(thread_id) ?? 0) + 1;
  heads.set(thread_id, rev);
  const id = (++ids).toString(16).padStart(24, '0');
  const none = { edited_at: null, is_edited: false, reply_to: null, attachments: [], mentions: [], reactions: [] };
  const message = { id, thread_id, seq: rev, rev, content, author: id, created_at: new Date().toISOString(), ...none, nonce };
  server.publish(thread_id, `42${JSON.stringify(['new_message', { message }])}`);
  return message;
};

const carryOut = (socket: BunSocket, event: string, input: Record<string, string> & { contents?: string[] }): object => {
  const thread = input.thread_id ?? '';
  switch (event) {
    case 'join_thread':
      socket.subscribe(thread);
      return { head_rev: heads.get(thread) ?? 0 };
    case 'send_message':
      return { message: publish(thread, input.content ?? '', input.nonce ?? null) };
    case 'send_messages':
      for (const content of input.contents ?? []) publish(thread, content, null);
      return {};
    default:
      return {};
  }
};

const server = Bun.serve({
  hostname: '127.0.0.1',
  port: 0,
  fetch: (request, self) => (self.upgrade(request) ? undefined : new Response('', { status: 404 })),
  websocket: {
    idleTimeout: 900,
    open: (socket) => void socket.send('0{"sid":"bun","upgrades":[],"pingInterval":600000,"pingTimeout":600000,"maxPayload":1000000}'),
    message: (socket, text) => {
      if (text.startsWith('40')) {
        socket.send('40{"sid":"bun"}');
        return;
      }
      const [, id, packet] = /^42(\d*)(\[.*)$/s.exec(text) ?? [];
      if (packet === undefined) return;
      const [event, input] = JSON.parse(packet) as [string, Record<string, string>];
      const data = carryOut(socket, event, input);
      if (id) socket.send(`43${id}${JSON.stringify([{ ok: true, data }])}`);
    },
  },
});
console.log(server.port);

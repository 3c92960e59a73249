import { connect } from 'node:net';

/** Sends bytes as they are and gives back all that is said until the connection ends. */
export const rawAnswer = (url: string, bytes: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    let heard = '';
    socket.setEncoding('latin1');
    socket.setTimeout(20_000, () => socket.destroy(new Error(`no end of "${bytes.slice(0, 80)}" after "${heard.slice(0, 200)}"`)));
    socket.on('data', (chunk) => (heard += String(chunk)));
    // Whoever is refused may be cut off while it still sends; what was said counts.
    socket.on('error', (error) => (heard === '' ? reject(error) : resolve(heard)));
    socket.on('close', () => resolve(heard));
  });

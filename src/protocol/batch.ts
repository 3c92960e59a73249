/** The packet that carries several events, to sockets whose handshake said `pack: 1`: `["batch", [["new_message", {…}], …]]`. */
export const batchEvent = 'batch';

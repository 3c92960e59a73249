import { namedThreads } from '../history/named-threads.js';
import type { Recorder } from './recorder.js';

/** `fetch` that writes down which closed threads an answer names, and counts what was asked. */
export const recordingFetch =
  (recorder: Recorder, client: string, memberId: () => string | null, asks: () => void): typeof fetch =>
  async (input, init) => {
    asks();
    const asked = recorder.now();
    const member = memberId() ?? '';
    const response = await fetch(input, init);
    if (!response.ok || response.status === 204) return response;
    const text = await response.clone().text();
    const by = `${init?.method ?? 'GET'} ${new URL(String(input)).pathname}`;
    if (text !== '') recorder.told(client, member, by, namedThreads(JSON.parse(text)), { asked });
    return response;
  };

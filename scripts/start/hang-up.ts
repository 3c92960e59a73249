/**
 * What SIGHUP means. A terminal sends it when it closes, and then everything is to stop as after Ctrl-C. Without a terminal (a
 * service, `nohup`, a container) nobody sends it but on purpose: there it is the request for a rolling restart.
 */
export const hangUpMeans = (streams: readonly { isTTY?: boolean | undefined }[]): 'stop' | 'rolling restart' =>
  streams.some(({ isTTY }) => isTTY) ? 'stop' : 'rolling restart';

/**
 * What a benchmark's message says: `b SENDER NUMBER INTENDED xxx…`, so that whoever receives it knows, without any other state, who
 * meant to send it as which of its messages at what time (microseconds of the system's monotonic clock).
 */
export const contentBytes = 150;

export const contentOf = (sender: number, number: number, intendedUs: number, length = contentBytes): string =>
  `b ${sender} ${number} ${intendedUs} `.padEnd(length, 'x');

/** The same clock for every process of this machine. */
export const nowUs = (): number => {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1e6 + Math.floor(nanoseconds / 1000);
};

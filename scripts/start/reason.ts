/** What the system's codes mean for a person who has just typed a command. */
const advice: Record<string, string> = {
  ENOSPC: 'the disk is full: make room, or give another --data-dir',
  EDQUOT: 'the disk quota is used up: make room, or give another --data-dir',
  EACCES: 'this user may not use it: give another --data-dir, or change its owner and mode',
  EPERM: 'this user may not change it: give another --data-dir, or change its owner',
  EROFS: 'nothing can be written there: give another --data-dir',
  ENOTDIR: 'a part of its path is a file, not a folder: take it away, or give another --data-dir',
  EISDIR: 'it is a folder where a file belongs: take it away, or give another --data-dir',
  EEXIST: 'something else is in its place: take it away, or give another --data-dir',
  ENOENT: 'it is not there and cannot be made: give another --data-dir',
  ELOOP: 'its links lead in a circle: give another --data-dir',
  ENAMETOOLONG: 'its path is too long: give a --data-dir with a shorter one',
  EMFILE: 'too many files are open: raise the limit (ulimit -n 65536)',
  ENFILE: 'too many files are open on this machine: end some programs',
  EAGAIN: 'no more processes may be started: raise the limit (ulimit -u), or end some',
  ENOMEM: 'there is not enough memory',
};

/** Why something failed, in a line for people; never a stack trace. */
export const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  const { code, path } = error as NodeJS.ErrnoException;
  const means = code === undefined ? undefined : advice[code === 'ERR_FS_EISDIR' ? 'EISDIR' : code];
  return means ? `${path ? `${path}: ` : ''}${means} (${code})` : error.message;
};

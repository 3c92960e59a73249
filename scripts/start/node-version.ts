/** As in package.json's `engines`; read from there it could not be read by a Node that is much too old. */
const least = [20, 19] as const;

/** What to tell somebody whose Node is too old; undefined when it is not. */
export const nodeTooOld = (version: string): string | undefined => {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > least[0] || (major === least[0] && minor >= least[1])) return undefined;
  return `this is Node ${version}, and Parley needs ${least.join('.')} or later: install one (https://nodejs.org) and run npm install again`;
};

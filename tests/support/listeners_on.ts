/** The state of a socket that listens, as Linux counts them. */
const LISTENING = "0A";

/** How many sockets of this machine listen on a port: workers have one each. Linux says so. */
export async function listenersOn(port: number): Promise<number> {
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const tables = await Promise.all(["/proc/net/tcp", "/proc/net/tcp6"].map((path) => Deno.readTextFile(path)));
  return tables.join("\n").split("\n").filter((line) => {
    const [, local = "", , state] = line.trim().split(/\s+/);
    return local.endsWith(wanted) && state === LISTENING;
  }).length;
}

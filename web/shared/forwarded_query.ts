/** What is for the pages alone and no part of what is asked of the server. */
const OWN_PARAMETERS = ["stream", "embed", "file", "variant", "from"];

/** The part of a page's query that is sent along to the server, for keys and tokens: empty, or with `?` in front. */
export function forwardedQuery(search: string): string {
  const query = new URLSearchParams(search);
  for (const name of OWN_PARAMETERS) query.delete(name);
  return query.size ? `?${query}` : "";
}

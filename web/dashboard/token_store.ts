/// <reference lib="dom" />

const KEY = "sluice.api.token";

/** The token that this browser keeps for this site; undefined when it has none, or keeps nothing. */
export function keptToken(): string | undefined {
  try {
    return localStorage.getItem(KEY) ?? undefined;
  } catch {
    return undefined;
  }
}

/** Keeps a token for the next time; undefined forgets it. A browser that keeps nothing asks again. */
export function keepToken(token: string | undefined): void {
  try {
    if (token === undefined) localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, token);
  } catch {
    return;
  }
}

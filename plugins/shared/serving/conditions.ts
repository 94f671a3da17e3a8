import { ifMatch, ifNoneMatch } from "@std/http/etag";

/** What tells one state of a resource from others. */
export interface Validators {
  /** With its quotes. */
  readonly etag: string;
  readonly modified?: Date;
}

/** A request's header by its name in lower case; several of one name are one list. */
export type RequestHeader = (name: string) => string | undefined;

/**
 * What a request's conditions make of it: to be answered as it is, with 304 or with 412, in the order of RFC 9110, 13.2.2.
 * For GET and HEAD.
 */
export function checkConditions(header: RequestHeader, { etag, modified }: Validators): 304 | 412 | undefined {
  const [match, noneMatch] = [header("if-match"), header("if-none-match")];
  if (match !== undefined) {
    if (!ifMatch(match, etag)) return 412;
  } else if (isNewerThan(modified, header("if-unmodified-since")) === true) return 412;
  if (noneMatch !== undefined) return ifNoneMatch(noneMatch, etag) ? undefined : 304;
  return isNewerThan(modified, header("if-modified-since")) === false ? 304 : undefined;
}

/** Whether a range may be answered: `If-Range` names the state of the resource, or is not there (RFC 9110, 13.1.5). */
export function isRangeStillGood(ifRange: string | undefined, { etag, modified }: Validators): boolean {
  if (ifRange === undefined) return true;
  if (ifRange.includes('"')) return ifRange.trim() === etag;
  return modified !== undefined && httpSeconds(ifRange) === wholeSeconds(modified);
}

/** Undefined when there is nothing to compare. HTTP dates have whole seconds. */
function isNewerThan(modified: Date | undefined, date: string | undefined): boolean | undefined {
  const seconds = date === undefined ? undefined : httpSeconds(date);
  return modified && seconds !== undefined ? wholeSeconds(modified) > seconds : undefined;
}

/** The oldest of the three forms of an HTTP date says no zone, which is always that of Greenwich (RFC 9110, 5.6.7). */
function httpSeconds(date: string): number | undefined {
  const ms = Date.parse(/GMT\s*$/.test(date) ? date : `${date} GMT`);
  return Number.isNaN(ms) ? undefined : Math.floor(ms / 1000);
}

function wholeSeconds(date: Date): number {
  return Math.floor(date.getTime() / 1000);
}

import type { Context } from "hono";
import type { Clock } from "../../kernel/clock.ts";
import type { HttpEnv } from "../../kernel/front/front.ts";
import { addressOfRequest } from "../../kernel/front/peer_address.ts";
import { definePlugin, type PluginFactory } from "../../kernel/plugin/plugin.ts";
import { bodyBytes } from "../shared/serving/body_writer.ts";

/** One request, when it is over. */
export interface AccessRecord {
  readonly date: Date;
  readonly address: string;
  readonly method: string;
  /** The path; of its query only what is no secret. */
  readonly target: string;
  readonly status: number;
  /** Bytes of the body that the connection took. */
  readonly bytes: number;
  readonly seconds: number;
  readonly range?: string;
  readonly userAgent?: string;
}

/** Longest target, range and name of a client that are written out. */
const MAX_SHOWN = 400;

/** Parts of a query that say what was asked for and let nobody in. */
const OPEN_PARAMETERS = /^(start|stream|kind|offset|limit)=[\w./:%-]*$/;

/** What could end a line, move a cursor or end a quoted text. */
const UNSAFE = /[^\x20-\x7e]|["\\]/g;

/**
 * A plugin that writes one line for each request at its end. It has to come before those whose requests it is to see.
 */
export function accessLog(write: (line: string) => void): PluginFactory {
  return definePlugin({
    name: "access-log",
    setup(ctx) {
      ctx.http.use(async (c, next) => {
        const answered = watch(c, ctx.clock, write);
        await next();
        if (answered) answered.bytes = await shortAnswerBytes(c.res, c.req.method);
      });
    },
  });
}

/** A record as a line: time, address, request, status, bytes, seconds, range and the client's name for itself. */
export function accessLine(record: AccessRecord): string {
  const { date, address, method, target, status, bytes, seconds, range, userAgent } = record;
  return [
    date.toISOString(),
    address,
    quoted(`${method} ${target}`),
    status,
    bytes,
    `${seconds.toFixed(3)}s`,
    range === undefined ? "-" : quoted(range),
    userAgent === undefined ? "-" : quoted(userAgent),
  ].join(" ");
}

/** What of a request's target may be written down. */
export function loggedTarget(target: string): string {
  const [path, query = ""] = target.split("#", 1)[0].split("?", 2);
  const open = query.split("&").filter((parameter) => OPEN_PARAMETERS.test(parameter));
  return open.length > 0 ? `${path}?${open.join("&")}` : path;
}

/** Writes a line when the request is over; gives what is to be told of an answer that is no resource. */
function watch(c: Context<HttpEnv>, clock: Clock, write: (line: string) => void): { bytes: number } | undefined {
  const { incoming, outgoing } = c.env ?? {};
  if (!incoming || !outgoing) return undefined;
  const answered = { bytes: 0 };
  const [date, startedAt, address] = [clock.date(), clock.now(), addressOfRequest(incoming)];
  const { method = "GET", url = "/", headers } = incoming;
  outgoing.once("close", () => {
    write(accessLine({
      date,
      address,
      method,
      target: loggedTarget(url),
      status: outgoing.headersSent ? outgoing.statusCode : ABANDONED,
      bytes: bodyBytes(outgoing) ?? answered.bytes,
      seconds: (clock.now() - startedAt) / 1000,
      range: headers.range,
      userAgent: headers["user-agent"],
    }));
  });
  return answered;
}

/** The status of a request whose client left before there was an answer; nginx has made it known. */
const ABANDONED = 499;

/** The length of an answer that is sent in one go, such as a page, a list or a refusal. */
async function shortAnswerBytes(answer: Response, method: string): Promise<number> {
  if (method === "HEAD" || !answer.body) return 0;
  return Number(answer.headers.get("content-length") ?? (await answer.clone().arrayBuffer()).byteLength);
}

function quoted(text: string): string {
  const shown = text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}...` : text;
  return `"${shown.replace(UNSAFE, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`)}"`;
}

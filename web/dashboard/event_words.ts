import { duration } from "../shared/facts.ts";
import { bytesText } from "../shared/units.ts";
import type { Tone } from "../shared/words.ts";
import type { ServerEvent } from "./shapes.ts";

/** An event in words. */
export interface EventWords {
  /** How it is marked. */
  readonly tone: Tone;
  readonly text: string;
}

/** Says in one sentence what happened. */
export function describeEvent({ name, stream = "", session, data }: ServerEvent): EventWords {
  const who = session ? `${session.remote} by ${session.protocol}` : "somebody";
  const reason = data.reason === undefined ? "" : `: ${data.reason}`;
  switch (name) {
    case "session:start":
      return { tone: "quiet", text: `${who} connected` };
    case "session:end":
      return { tone: "quiet", text: `${who} disconnected${reason}` };
    case "stream:start":
      return { tone: "live", text: `${stream} is live, from ${who}` };
    case "stream:interrupt":
      return { tone: "waiting", text: `${stream} lost its publisher${reason}` };
    case "stream:resume":
      return { tone: "live", text: `${stream} goes on, from ${who}` };
    case "stream:end":
      return { tone: "quiet", text: `${stream} has ended${reason}` };
    case "play:start":
      return { tone: "quiet", text: `${who} watches ${stream}` };
    case "play:end":
      return { tone: "quiet", text: `${who} has left ${stream}${reason}` };
    case "artifact:open":
      return { tone: "live", text: `${data.by} writes ${data.path}` };
    case "artifact:complete":
      return { tone: "quiet", text: `${data.by} has written ${data.path}${sizeText(data)}` };
    case "artifact:remove":
      return { tone: "quiet", text: `${data.by} removed ${data.path}` };
    case "artifact:fail":
      return { tone: "trouble", text: `${data.by} cannot write ${stream}: ${data.problem}` };
    case "server:start":
      return { tone: "live", text: "The server was started" };
    case "server:stop":
      return { tone: "trouble", text: "The server stops" };
    default:
      return { tone: "quiet", text: [name, stream].filter(Boolean).join(" ") };
  }
}

/** `, 0:06, 1.2 MB`. */
function sizeText({ bytes, seconds }: ServerEvent["data"]): string {
  const length = typeof seconds === "number" ? `, ${duration(seconds * 1000)}` : "";
  return length + (typeof bytes === "number" ? `, ${bytesText(bytes)}` : "");
}

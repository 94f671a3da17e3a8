import { ClientError } from "../../../kernel/sessions/client.ts";
import { Refusal, type RefusalCode } from "../../../kernel/reasons.ts";
import { wordsOf } from "./address.ts";
import { type Meaning, meaningOf } from "./answers.ts";

/** An HTTP status, by itself or as a WebSocket's close code, that says that a server behind the server does not answer. */
const GATEWAY_TIMEOUT = /^4?504$/;

const CODES: Readonly<Record<Meaning, RefusalCode>> = {
  refused: "denied",
  absent: "not-live",
  taken: "busy",
  temporary: "unreachable",
};

/** What players are told of a stream that a server did not give: what it said, or that it could not be asked. */
export function refusalFor(failure: Error, address: string): Refusal {
  return new Refusal(codeOf(failure), wordsOf(failure, address), { cause: failure });
}

function codeOf(failure: Error): RefusalCode {
  if (!(failure instanceof ClientError)) return "unreachable";
  if (failure.code === "timeout" || GATEWAY_TIMEOUT.test(failure.code)) return "no-answer";
  return CODES[meaningOf(failure, false)];
}

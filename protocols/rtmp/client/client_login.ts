import { createHash } from "node:crypto";
import type { RtmpAddress } from "./client_address.ts";

/** Random text of the client, so that no answer is given twice. */
export type MakeNonce = () => string;

/**
 * Answers servers that let in who logs in as encoders do, `rtmp://USER:PASSWORD@…`.
 *
 * Such a server refuses `connect`: first it names the way (`authmod=adobe` or `llnw`), and, when the user has been named,
 * the question. The client connects anew each time, with its part behind the app.
 */
export class ClientLogin {
  readonly #address: RtmpAddress;
  readonly #nonce: MakeNonce;
  #hasNamed = false;
  #hasAnswered = false;

  constructor(address: RtmpAddress, nonce: MakeNonce = randomNonce) {
    this.#address = address;
    this.#nonce = nonce;
  }

  /** The address to connect to after this refusal; undefined when there is nothing more to say. */
  next(description: string): RtmpAddress | undefined {
    const { user, password } = this.#address;
    const way = /authmod=(adobe|llnw)/.exec(description)?.[1];
    if (way === undefined || user === undefined || password === undefined || this.#hasAnswered) return undefined;
    if (description.includes("code=403 need auth")) {
      // Who asks again would be dialled for ever, without a pause.
      if (this.#hasNamed) return undefined;
      this.#hasNamed = true;
      return this.#with({ authmod: way, user });
    }
    const question = /\?reason=needauth&(\S*)/.exec(description)?.[1];
    if (question === undefined) return undefined;
    this.#hasAnswered = true;
    const asked = valuesOf(question);
    return this.#with(way === "adobe" ? this.#adobe(user, password, asked) : this.#llnw(user, password, asked));
  }

  /** MD5 of user, salt and password; with the server's and the client's random text MD5 again. */
  #adobe(user: string, password: string, { salt = "", challenge = "", opaque }: Question): Answer {
    const nonce = this.#nonce();
    const stored = md5("base64", user + salt + password);
    const response = md5("base64", stored + (opaque ?? challenge) + nonce);
    return { authmod: "adobe", user, challenge: nonce, response, ...(opaque !== undefined && { opaque }) };
  }

  /** HTTP's Digest (RFC 2617, section 3.2.2) with fixed words. */
  #llnw(user: string, password: string, { nonce = "" }: Question): Answer {
    const { app } = this.#address;
    const cnonce = this.#nonce();
    const nc = "00000001";
    const who = md5("hex", `${user}:live:${password}`);
    const what = md5("hex", `publish:/${app.includes("/") ? app : `${app}/_definst_`}`);
    const response = md5("hex", [who, nonce, nc, cnonce, "auth", what].join(":"));
    return { authmod: "llnw", user, nonce, cnonce, nc, response };
  }

  #with(answer: Answer): RtmpAddress {
    const { app, tcUrl } = this.#address;
    const query = Object.entries(answer).map(([name, value]) => `${name}=${value}`).join("&");
    const added = (text: string) => `${text}${text.includes("?") ? "&" : "?"}${query}`;
    return { ...this.#address, app: added(app), tcUrl: added(tcUrl) };
  }
}

type Question = Readonly<Record<string, string | undefined>>;
type Answer = Readonly<Record<string, string>>;

/** Not as forms have it: base64's plus is a plus here. */
function valuesOf(query: string): Question {
  return Object.fromEntries(
    query.split("&").map((pair) => {
      const at = pair.indexOf("=");
      return at < 0 ? [pair, ""] : [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );
}

function md5(encoding: "base64" | "hex", text: string): string {
  return createHash("md5").update(text).digest(encoding);
}

function randomNonce(): string {
  return crypto.getRandomValues(new Uint32Array(1))[0].toString(16).padStart(8, "0");
}

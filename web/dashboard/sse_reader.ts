/** One message of a stream of server-sent events. */
export interface SseMessage {
  /** The id that a client that comes back names; undefined when none was given yet. */
  readonly id?: string;
  readonly event: string;
  readonly data: string;
}

/**
 * Reads server-sent events (HTML Standard, 9.2.6) from pieces of text that end anywhere.
 *
 * Comments and fields that are not known are left out; a message without data is none.
 */
export class SseReader {
  #rest = "";
  #id?: string;
  #event = "";
  #data: string[] = [];

  /** The messages that a piece completes. */
  read(text: string): SseMessage[] {
    const lines = (this.#rest + text).split(/\r\n|\n/);
    this.#rest = lines.pop()!;
    return lines.flatMap((line) => this.#line(line) ?? []);
  }

  #line(line: string): SseMessage | undefined {
    if (line === "") return this.#message();
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "id") this.#id = value;
    else if (field === "event") this.#event = value;
    else if (field === "data") this.#data.push(value);
  }

  #message(): SseMessage | undefined {
    const [event, data] = [this.#event || "message", this.#data];
    [this.#event, this.#data] = ["", []];
    if (data.length > 0) return { id: this.#id, event, data: data.join("\n") };
  }
}

const END = "\r\n\r\n";

/** The head of an HTTP answer, in pieces of any size. */
export class HttpHead {
  /** What is wrong with the answer. */
  fault?: string;
  readonly #status: number;
  #text = "";
  #isComplete = false;

  /** `status`: the one that is expected. */
  constructor(status: number) {
    this.#status = status;
  }

  /** Takes what has arrived and gives back what of it lies behind the head; nothing when the answer is another one. */
  read(bytes: Uint8Array): Uint8Array {
    if (this.#isComplete) return bytes;
    const before = this.#text.length;
    this.#text += String.fromCharCode(...bytes.subarray(0, MOST_BYTES));
    const end = this.#text.indexOf(END);
    if (end < 0) return NOTHING;
    this.#isComplete = true;
    const [line] = this.#text.split("\r\n", 1);
    if (line.split(" ", 2)[1] !== String(this.#status)) this.fault = `the server answered ${line}`;
    return this.fault ? NOTHING : bytes.subarray(end + END.length - before);
  }
}

/** A head is shorter than this; what comes with it may be a whole group of pictures. */
const MOST_BYTES = 4096;
const NOTHING = new Uint8Array(0);

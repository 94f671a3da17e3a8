/** From so much waiting on pictures are left out, in milliseconds of the stream. */
const SKIP_MS = 1500;

/** Less than this has to wait before a key frame is sent again. */
const RESUME_MS = 300;

/** Leaves out pictures of a stream that is encoded already, up to a key frame, when the connection cannot carry it. */
export class KeySkipper {
  #isSkipping = false;

  /** Whether this picture is to be sent; `waitingMs` is what waits in the connection. */
  admits(isKey: boolean, waitingMs: number): boolean {
    if (waitingMs >= SKIP_MS) this.#isSkipping = true;
    else if (isKey && waitingMs < RESUME_MS) this.#isSkipping = false;
    return !this.#isSkipping;
  }
}

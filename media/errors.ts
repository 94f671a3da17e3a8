/**
 * Says that bytes are not what the format they came in demands: the fault is the sender's.
 *
 * Everything in this folder that reads a peer's bytes throws this and nothing else.
 */
export class FormatError extends Error {
  override readonly name = "FormatError";
}

/** The body of a request is longer than somebody wants to read. */
export class TooLongError extends RangeError {
  override readonly name = "TooLongError";

  constructor(mostBytes: number) {
    super(`The body is longer than ${mostBytes} bytes`);
  }
}

/**
 * The body of a request as text, without taking more than `mostBytes` of it into memory.
 *
 * @throws {TooLongError} when it is longer
 */
export async function requestText(request: Request, mostBytes: number): Promise<string> {
  if (Number(request.headers.get("content-length") ?? 0) > mostBytes) throw new TooLongError(mostBytes);
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for await (const piece of request.body ?? []) {
    bytes += piece.length;
    if (bytes > mostBytes) throw new TooLongError(mostBytes);
    text += decoder.decode(piece, { stream: true });
  }
  return text + decoder.decode();
}

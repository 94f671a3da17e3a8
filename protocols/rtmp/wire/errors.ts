/** The peer broke the RTMP specification, or went beyond a limit; the message says what it did and what was expected. */
export class RtmpProtocolError extends Error {
  override readonly name = "RtmpProtocolError";
}
